import { columnNames } from "../../../core/common/command/list.ts";
import { defineCommand } from "../../command.ts";
import { JOB_COLUMNS, JOBS, printJobs } from "../../jobs.ts";

export default defineCommand({
  options: JOBS,
  columns: columnNames(JOB_COLUMNS),
  help: "S is C completed, F failed, X cancelled, r running, q queued, w waiting.",
  run: (context, _, options) => printJobs(context, context.user(), "jobs_list", JOB_COLUMNS, options),
});
