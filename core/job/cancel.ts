import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { recycleWorker } from "../worker/state.ts";
import { getActiveJob, getJob, moveJob } from "./state.ts";
import { workerOf } from "./worker.ts";

/**
 * Ends a job that has not ended; its machine is destroyed. Cancelling twice is cancelling once.
 *
 * @param by who wants it, as the user will read it in the log
 * @throws Refused 404 for an unknown job, 409 for one that has ended otherwise
 */
export function cancelJob(core: Core, job: string, by: string): void {
  change(core, () => {
    if (getJob(core, job).cancelled) return;
    const row = getActiveJob(core, job, "it is too late to cancel");
    core.db.query("UPDATE job SET cancelled = 1 WHERE id = ?").run(job);
    moveJob(core, job, "fail", `cancelled by ${by}`);
    const worker = workerOf(core, row);
    if (worker) recycleWorker(core, worker, `its job ${job} was cancelled`);
  });
}
