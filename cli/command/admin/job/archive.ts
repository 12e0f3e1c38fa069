import { defineCommand } from "../../../command.ts";
import { checkId } from "../../../ids.ts";

export default defineCommand({
  args: ["JOB..."],
  options: {},
  help: "Copies a job that is over to the object store soon, without waiting for its time.",
  async run(context, ids) {
    const jobs = ids.map((id) => checkId(id, "job"));
    for (const job of jobs) await context.admin().call("admin_job_archive_request", { path: { job } });
    if (context.json) await context.out.json({ archive: jobs });
  },
});
