import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { queuedJobs } from "./queue.ts";
import type { LeaseRow } from "./table.ts";

export interface Lease {
  job: string;
  target: string;
}

/**
 * Gives a factory the oldest queued job of its targets that nobody builds a machine for. A lease keeps others from the job
 * until it ends or the job has a worker.
 */
export function takeLease(core: Core, factory: string, targets: readonly string[]): Lease | null {
  for (const { id, target_id } of queuedJobs(core, targets)) {
    if (holder(core, id)) continue;
    change(core, () => setLease(core, id, factory));
    return { job: id, target: target_id };
  }
  return null;
}

/** @returns false when the factory does not hold it (any more) */
export function renewLease(core: Core, factory: string, job: string): boolean {
  if (holder(core, job) !== factory) return false;
  change(core, () => setLease(core, job, factory));
  return true;
}

const setLease = (core: Core, job: string, factory: string) =>
  core.db
    .query(
      "INSERT INTO lease (job, factory, expires) VALUES (?, ?, ?) ON CONFLICT (job) DO UPDATE SET factory = excluded.factory, expires = excluded.expires",
    )
    .run(job, factory, core.world.now() + core.config.schedule.lease * 1000);

/** The factory with a live lease on the job. */
function holder(core: Core, job: string): string | undefined {
  const lease = core.db.query<LeaseRow, [string]>("SELECT * FROM lease WHERE job = ?").get(job);
  return lease && lease.expires > core.world.now() ? lease.factory : undefined;
}

/** Drops leases that have ended and those of jobs that no longer wait for a machine. */
export function dropLeases(core: Core): void {
  const { changes } = core.db
    .query("DELETE FROM lease WHERE expires <= ? OR NOT EXISTS (SELECT 1 FROM job WHERE id = lease.job AND state = 'queued')")
    .run(core.world.now());
  if (changes > 0) core.bells.ring("lease");
}
