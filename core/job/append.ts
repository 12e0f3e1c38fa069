import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import type { WorkerRow } from "../worker/table.ts";
import { getActiveJob, moveJob } from "./state.ts";

const MIB = 1024 * 1024;

/**
 * Adds a worker's batch, a JSON array of events, to the log of its job. A job that prints without end is ended, as it would
 * fill the disk for everybody.
 *
 * @param first number of the first event in the worker's own numbering; undefined: what comes twice is stored twice
 * @returns the number that the log wants next @throws Refused 400, 409 when the job has ended
 */
export function appendToJob(
  core: Core,
  job: string,
  worker: WorkerRow,
  first: number | undefined,
  body: Uint8Array<ArrayBuffer>,
): number {
  getActiveJob(core, job, "nothing can be added to the log");
  const limit = core.config.job.max_log_mb;
  if (core.logs.sizeOnDisk(job) > limit * MIB) {
    moveJob(core, job, "fail", `the log is larger than the limit of ${limit} MiB on disk (job.max_log_mb)`);
    throw new Refused(409, `job ${job} has ended: its log is too large`);
  }
  const before = core.logs.last(job);
  const { next, last } = core.logs.appendBody(job, { source: worker.id, first }, body);
  core.metrics.logged(last - before, body.byteLength);
  return next;
}
