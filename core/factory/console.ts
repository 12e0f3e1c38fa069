import type { Static } from "@sinclair/typebox";
import type { Core } from "../core.ts";
import { isLogFull } from "../job/append.ts";
import type { WorkerRow } from "../worker/table.ts";
import type { FactoryWorkerAppend, FactoryWorkerAppendResult } from "./schema.ts";
import { consoleOf } from "./worker.ts";

/**
 * Adds console lines of a machine to the log of its job, and to the worker's own when there is no job any more, so that last
 * words are not lost.
 *
 * @param first number of the first line in the factory's numbering for this machine
 * @param job that the machine was made for, which reads of it while no agent has come for it
 * @returns retry: there is no job yet, keep the lines and send them again
 */
export function appendConsole(
  core: Core,
  worker: WorkerRow,
  { first, job }: { first?: number; job?: string },
  lines: readonly Static<typeof FactoryWorkerAppend>[],
): Static<typeof FactoryWorkerAppendResult> {
  const place = consoleOf(core, worker, job);
  if (place === "keep") return { retry: true };
  // A job may print to the console without end: what its own log does not take is dropped.
  if (isLogFull(core, place === "own" ? worker.id : place.job)) return { retry: false };
  const events = lines.map(({ stream, time, payload }) => ({ stream, time, payload, task: null }));
  if (place === "own") {
    // Nobody waits for these lines in a job; their numbers count for the job's log alone.
    core.logs.append(worker.id, { source: `factory ${worker.factory}`, events });
    return { retry: false };
  }
  const { next } = core.logs.append(place.job, {
    source: `factory ${worker.id}`,
    ...(first === undefined ? {} : { first }),
    events,
  });
  return { retry: false, ...(first === undefined ? {} : { next }) };
}
