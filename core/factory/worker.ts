import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change, changeSoon } from "../db/change.ts";
import { assignJob } from "../job/assign.ts";
import { requireLease, waitsForFactory } from "../job/lease.ts";
import { retryIfLost } from "../job/lose.ts";
import { activeJobOf, hadJob } from "../job/worker.ts";
import { getTarget } from "../target/target.ts";
import { createWorker } from "../worker/create.ts";
import { loseJobOf } from "../worker/fail.ts";
import { holdWorker } from "../worker/hold.ts";
import { setInterrupted } from "../worker/interrupt.ts";
import { aliveWorkers, getWorker, moveWorker } from "../worker/state.ts";
import type { WorkerRow } from "../worker/table.ts";
import { mayTakeWork } from "./hold.ts";
import type { FactoryWorker, FactoryWorkerCreate } from "./schema.ts";
import type { FactoryRow } from "./table.ts";

/**
 * Makes the record of a machine that the factory is about to make. With `job`, that job is the machine's from the start.
 *
 * @returns its id @throws Refused 404 for an unknown target or job, 409 for a job that cannot be given away, and while the
 *   factory is draining
 */
export function createForFactory(core: Core, factory: FactoryRow, { target, job, wait_for_flush }: FactoryWorkerCreate): string {
  if (factory.draining) throw new Refused(409, `factory ${factory.name} is draining: it makes no new machines`);
  return change(core, () => {
    const id = createWorker(core, factory.id, getTarget(core, target).id, wait_for_flush ?? false);
    if (job) {
      requireLease(core, factory.id, job, mayTakeWork(core, factory));
      assignJob(core, job, id, factory.name);
    }
    // Its job is told, as no limit of a worker's life ends it on such a machine.
    if (factory.hold_workers) holdWorker(core, id, `factory ${factory.name} has its workers held`);
    return id;
  });
}

/** The calling factory's own worker. @throws Refused 404, 403 for another factory's */
export function ownWorker(core: Core, factory: FactoryRow, id: string): WorkerRow {
  const worker = getWorker(core, id);
  if (worker.factory !== factory.id) throw new Refused(403, `worker ${id} is not yours`);
  return worker;
}

export const ownWorkers = (core: Core, factory: string): FactoryWorker[] => aliveWorkers(core, factory).map(forFactory);

/** A held worker is not to be recycled, whatever else is said of it. */
export const forFactory = (row: WorkerRow): FactoryWorker => ({
  id: row.id,
  private: row.factory_private,
  recycle: row.state === "recycling" && row.hold_time === null,
  bootstrap: row.bootstrap ?? "",
  online: row.token_hash !== null,
  hold: row.hold_time !== null,
  target: row.target,
});

/**
 * The machine is gone: what it was running has failed, or is tried again. Doing it twice is doing it once.
 *
 * @param by who took it back, where that is how it went
 */
export function destroyWorker(core: Core, worker: WorkerRow, by: string | undefined): void {
  if (worker.state === "destroyed") return;
  changeSoon(core, () => {
    if (by !== undefined) setInterrupted(core, worker.id, by);
    loseJobOf(core, worker.id, "its machine was destroyed", true);
    moveWorker(core, worker.id, "destroy", "the machine is gone");
    const job = activeJobOf(core, worker.id);
    if (job) retryIfLost(core, job, by ?? worker.interrupted);
  });
}

/**
 * Where a line from the machine's console belongs: to its job; `keep`: it has none yet; `own`: to the worker's own log.
 *
 * @param wanted the job that it was made for
 */
export function consoleOf(core: Core, worker: WorkerRow, wanted: string | undefined): { job: string } | "keep" | "own" {
  const active = activeJobOf(core, worker.id);
  if (active) return { job: active.id };
  if (wanted !== undefined && waitsForFactory(core, worker.factory, wanted)) return { job: wanted };
  const mayGetOne = !hadJob(core, worker.id) && (worker.state === "created" || worker.state === "online");
  return mayGetOne ? "keep" : "own";
}
