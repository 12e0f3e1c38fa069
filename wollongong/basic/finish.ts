import type { Job } from "../../core/client/operations.ts";
import { jobFileOf } from "../check/plan.ts";
import { finishRun } from "../check/run-state.ts";
import { runById } from "../check/runs.ts";
import type { Conclusion, RunRow } from "../check/table.ts";
import { change } from "../db/change.ts";
import type { Wollongong } from "../wollongong.ts";
import { publishOutputs } from "./publish.ts";
import { readReports } from "./reports.ts";

const MOST_OUTPUTS = 25;

/** A job has ended: what it made is listed, published and read, and its run is over. Can be done again from the beginning. */
export async function finishJob(wo: Wollongong, id: string, core: ReturnType<Wollongong["coreOf"]>): Promise<void> {
  const run = runById(wo, id);
  if (!run?.job || run.state === "over") return;
  const job = await core.call("job_get", { path: { job: run.job } });
  const outputs = await core.call("job_outputs_get", { path: { job: run.job } });
  const { conclusion, story } = verdict(job, run);
  const file = jobFileOf(run);
  const published = await publishOutputs(wo, { core, run, file, outputs, succeeded: conclusion === "success" });
  const root = `/work/${job.tags["gong.repo.owner"]}/${job.tags["gong.repo.name"]}`;
  const report = await readReports(wo, { core, job: run.job, file, outputs, root });
  const files = outputs.slice(0, MOST_OUTPUTS).map(({ id: output, path, size }) => ({ id: output, path, size }));
  change(wo, () =>
    finishRun(wo, id, conclusion, story, {
      job_state: job.state,
      time_assigned: timeOf(job, "assigned"),
      time_complete: timeOf(job, "complete"),
      outputs: JSON.stringify({ files, more: outputs.length - files.length }),
      report: report === undefined ? null : JSON.stringify(report),
      note: [run.note, ...published].filter((note) => note !== null).join("\n\n") || null,
    }),
  );
}

const timeOf = ({ times }: Job, name: string) => (times[name] === undefined ? null : Date.parse(times[name]));

/** The core names the limit that ended a job in its reason. */
const LIMITS = /\b(timeout_seconds|silence_seconds|max_runtime)\b/;

function verdict(job: Job, { cancelled_by }: RunRow): { conclusion: Conclusion; story: string } {
  if (job.state === "completed") return { conclusion: "success", story: "The job completed." };
  const reason = job.attempts?.at(-1)?.reason?.replace(/^job failed: /, "");
  if (job.cancelled || cancelled_by !== null)
    return { conclusion: "cancelled", story: cancelled_by === null ? "The job was cancelled." : `Cancelled by ${cancelled_by}.` };
  const story = reason === undefined ? "The job failed." : `The job failed: ${reason}.`.replace(/\.\.$/, ".");
  return { conclusion: reason !== undefined && LIMITS.test(reason) ? "timed_out" : "failure", story };
}
