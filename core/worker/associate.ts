import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { changeSoon } from "../db/change.ts";
import { hourPrice } from "./price.ts";
import type { FactoryMetadata } from "./schema.ts";
import { ringWorker } from "./state.ts";
import type { WorkerRow } from "./table.ts";

/** What a factory tells of the machine that it made. */
export interface Association {
  private: string;
  ip?: string | null;
  metadata?: FactoryMetadata | null;
  details?: Record<string, string>;
}

/**
 * Names the machine that was made for a worker, which lets its agent in. Name, metadata and price are written once.
 *
 * @throws Refused 409 when another name or other metadata was given before, or the worker is destroyed
 */
export function associateWorker(core: Core, worker: WorkerRow, { private: name, ip, metadata, details }: Association): void {
  const { id } = worker;
  if (worker.state === "destroyed") throw new Refused(409, `worker ${id} is destroyed`);
  if (worker.factory_private !== null && worker.factory_private !== name)
    throw new Refused(409, `worker ${id} is machine ${worker.factory_private} already, not ${name}`);
  const full = metadata ? { ...NO_METADATA, ...metadata } : null;
  if (full && worker.factory_metadata !== null && !Bun.deepEquals(JSON.parse(worker.factory_metadata), full))
    throw new Refused(409, `worker ${id} has other metadata already`);
  const { prices } = core.config;
  const price = worker.hour_price ?? hourPrice(prices, details ?? {});
  const currency = worker.currency ?? (price === null ? null : prices.currency);
  changeSoon(core, () => {
    core.db
      .query(
        `UPDATE worker SET factory_private = ?, factory_ip = coalesce(?, factory_ip),
           factory_metadata = coalesce(factory_metadata, ?), details = coalesce(?, details),
           hour_price = ?, currency = ? WHERE id = ?`,
      )
      .run(name, ip ?? null, jsonOrNull(full), jsonOrNull(details), price, currency, id);
    ringWorker(core, worker);
  });
}

const jsonOrNull = (value: object | null | undefined) => (value ? JSON.stringify(value) : null);

/** Lets the agent have its job, after boot logs have been handed in. */
export function flushWorker(core: Core, worker: WorkerRow): void {
  changeSoon(core, () => {
    core.db.query("UPDATE worker SET wait_for_flush = 0 WHERE id = ?").run(worker.id);
    ringWorker(core, worker);
  });
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
