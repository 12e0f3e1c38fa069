import type { Job } from "../../../core/client/operations.ts";
import { defineCommand } from "../../command.ts";
import { checkId } from "../../ids.ts";

export default defineCommand({
  args: ["JOB..."],
  options: {},
  help: "With --json, a list of the jobs as the core tells them.",
  async run(context, ids) {
    const jobs: Job[] = [];
    for (const id of ids.map((id) => checkId(id, "job"))) jobs.push(await context.user().call("job_get", { path: { job: id } }));
    if (context.json) return await context.out.json(jobs);
    for (const job of jobs)
      await context.out.lines([`${job.id} ${job.state.padEnd(15)} ${job.name}`, Bun.inspect(job, { depth: 8 }), ""]);
  },
});
