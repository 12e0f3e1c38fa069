import { Refused } from "../common/refused.ts";
import { newToken } from "../common/world.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { hashToken } from "../http/bearer.ts";
import { assignJob } from "../job/assign.ts";
import { activeJobOf, hadJob } from "../job/worker.ts";
import { getTarget } from "../target/target.ts";
import { failJobOf } from "../worker/fail.ts";
import { holdWorker } from "../worker/hold.ts";
import { getWorker, moveWorker, ringWorker } from "../worker/state.ts";
import type { WorkerRow } from "../worker/table.ts";
import type { FactoryWorker, FactoryWorkerAssociate, FactoryWorkerCreate } from "./schema.ts";
import type { FactoryRow } from "./table.ts";

/**
 * Makes the record of a machine that the factory is about to make. With `job`, that job is the machine's from the start.
 *
 * @returns its id @throws Refused 404 for an unknown target or job, 409 for a job that cannot be given away
 */
export function createWorker(core: Core, factory: FactoryRow, { target, job, wait_for_flush }: FactoryWorkerCreate): string {
  return change(core, () => {
    getTarget(core, target);
    const id = core.world.id();
    const bootstrap = newToken(core.world, 64);
    core.db
      .query(
        `INSERT INTO worker (id, factory, target, state, bootstrap, bootstrap_hash, wait_for_flush, time_create)
         VALUES (?, ?, ?, 'created', ?, ?, ?, ?)`,
      )
      .run(id, factory.id, target, bootstrap, hashToken(bootstrap), Number(wait_for_flush ?? false), core.world.now());
    if (factory.hold_workers) holdWorker(core, id, `factory ${factory.name} has its workers held`);
    if (job) assignJob(core, job, id, factory.name);
    core.bells.ring(`factory ${factory.id}`);
    return id;
  });
}

/** The calling factory's own worker. @throws Refused 404, 403 for another factory's */
export function ownWorker(core: Core, factory: FactoryRow, id: string): WorkerRow {
  const worker = getWorker(core, id);
  if (worker.factory !== factory.id) throw new Refused(403, `worker ${id} is not yours`);
  return worker;
}

export const ownWorkers = (core: Core, factory: string): FactoryWorker[] =>
  core.db
    .query<WorkerRow, [string]>("SELECT * FROM worker WHERE factory = ? AND state <> 'destroyed' ORDER BY id")
    .all(factory)
    .map(forFactory);

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
 * Names the machine that was made for a worker, which lets its agent in. Name and metadata are written once.
 *
 * @throws Refused 409 when another name or other metadata was given before, or the worker is destroyed
 */
export function associateWorker(
  core: Core,
  worker: WorkerRow,
  { private: name, ip, metadata, details }: FactoryWorkerAssociate,
): void {
  const { id } = worker;
  if (worker.state === "destroyed") throw new Refused(409, `worker ${id} is destroyed`);
  if (worker.factory_private !== null && worker.factory_private !== name)
    throw new Refused(409, `worker ${id} is machine ${worker.factory_private} already, not ${name}`);
  const full = metadata ? { ...NO_METADATA, ...metadata } : null;
  if (full && worker.factory_metadata !== null && !Bun.deepEquals(JSON.parse(worker.factory_metadata), full))
    throw new Refused(409, `worker ${id} has other metadata already`);
  change(core, () => {
    core.db
      .query(
        `UPDATE worker SET factory_private = ?, factory_ip = coalesce(?, factory_ip),
           factory_metadata = coalesce(factory_metadata, ?), details = coalesce(?, details) WHERE id = ?`,
      )
      .run(name, ip ?? null, full ? JSON.stringify(full) : null, details ? JSON.stringify(details) : null, id);
    ringWorker(core, worker);
  });
}

/** Lets the agent have its job, after boot logs have been handed in. */
export function flushWorker(core: Core, worker: WorkerRow): void {
  change(core, () => {
    core.db.query("UPDATE worker SET wait_for_flush = 0 WHERE id = ?").run(worker.id);
    ringWorker(core, worker);
  });
}

/** The machine is gone: whatever it was running has failed. Doing it twice is doing it once. */
export function destroyWorker(core: Core, worker: WorkerRow): void {
  if (worker.state === "destroyed") return;
  change(core, () => {
    failJobOf(core, worker.id, "its machine was destroyed");
    moveWorker(core, worker.id, "destroy", "the machine is gone");
  });
}

/** Where a line from the machine's console belongs: to its job; `keep`: it has none yet; `own`: to the worker's own log. */
export function consoleOf(core: Core, worker: WorkerRow): { job: string } | "keep" | "own" {
  const active = activeJobOf(core, worker.id);
  if (active) return { job: active.id };
  const mayGetOne = !hadJob(core, worker.id) && (worker.state === "created" || worker.state === "online");
  return mayGetOne ? "keep" : "own";
}

/** What is left out means the same as null. */
const NO_METADATA = {
  addresses: [],
  root_password_hash: null,
  root_authorized_keys: null,
  dump_to_rpool: null,
  pre_job_diagnostic_script: null,
  post_job_diagnostic_script: null,
  rpool_disable_sync: null,
};
