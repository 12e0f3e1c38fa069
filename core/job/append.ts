import type { Core } from "../core.ts";
import type { WorkerRow } from "../worker/table.ts";
import { getActiveJob } from "./state.ts";

/**
 * Adds a worker's batch, a JSON array of events, to the log of its job.
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
  const before = core.logs.last(job);
  const { next, last } = core.logs.appendBody(job, { source: worker.id, first }, body);
  core.metrics.logged(last - before, body.byteLength);
  return next;
}
