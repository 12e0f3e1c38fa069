import { defineCommand } from "../../../command.ts";
import { checkId } from "../../../ids.ts";

export default defineCommand({
  args: ["JOB..."],
  options: {},
  help: "Frees the local copies of an archived job soon, without waiting for its time; it can be read as before.",
  async run(context, ids) {
    const jobs = ids.map((id) => checkId(id, "job"));
    for (const job of jobs) await context.admin().call("admin_job_purge_request", { path: { job } });
    if (context.json) await context.out.json({ purge: jobs });
  },
});
