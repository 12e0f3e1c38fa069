import { defineCommand } from "../../../command.ts";
import { dumpJobs } from "../../../jobs.ts";

export default defineCommand({
  args: ["JOB..."],
  options: {},
  help: "With --json, a list of the jobs as the core tells them.",
  run: (context, ids) => dumpJobs(context, ids, (job) => context.admin().call("admin_job_get", { path: { job } })),
});
