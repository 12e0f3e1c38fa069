import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import type { NewEvent } from "../log/event.ts";
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
  requireLog(core, job);
  const before = core.logs.last(job);
  const { next, last } = core.logs.appendBody(job, { source: worker.id, first }, body);
  core.metrics.logged(last - before, body.byteLength);
  return next;
}

/** The same for one event, as the original's first agents send it. @throws Refused 400, 409 when the job has ended */
export function appendOne(core: Core, job: string, worker: WorkerRow, event: NewEvent): void {
  requireLog(core, job);
  core.logs.append(job, { source: worker.id, events: [event] });
}

/** Whether a log takes no more: nothing that runs somewhere else may fill the disk. */
export const isLogFull = (core: Core, log: string): boolean => core.logs.sizeOnDisk(log) > core.config.job.max_log_mb * MIB;

function requireLog(core: Core, job: string): void {
  getActiveJob(core, job, "nothing can be added to the log");
  if (!isLogFull(core, job)) return;
  const limit = core.config.job.max_log_mb;
  moveJob(core, job, "fail", `the log is larger than the limit of ${limit} MiB on disk (job.max_log_mb)`);
  throw new Refused(409, `job ${job} has ended: its log is too large`);
}
