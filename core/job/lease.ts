import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { changeSoon } from "../db/change.ts";
import { queuedJobs } from "./queue.ts";
import { getJob } from "./state.ts";
import type { LeaseRow } from "./table.ts";
import { Turn } from "./turn.ts";

export interface Lease {
  job: string;
  target: string;
}

/**
 * Gives a factory the oldest queued job of its targets that nobody builds a machine for, and whose owner may have another. A lease keeps others from the job
 * until it ends or the job has a worker.
 *
 * @param tiers its targets: a job of a later tier is only given where there is none of an earlier one
 * @param call names the call, so that it gets the same lease again when its answer was lost
 */
export function takeLease(core: Core, factory: string, tiers: readonly (readonly string[])[], call: string | null): Lease | null {
  const same = call === null ? undefined : leaseOfCall(core, factory, call);
  if (same) return same;
  const turn = new Turn(core);
  for (const targets of tiers)
    for (const { id, owner, target_id } of queuedJobs(core, targets)) {
      if (holder(core, id) || !turn.mayRun({ id, owner })) continue;
      changeSoon(core, () => {
        setLease(core, id, factory, call);
        noteLeased(core, id);
      });
      return { job: id, target: target_id };
    }
  return null;
}

/** @returns false when the factory does not hold it (any more) */
export function renewLease(core: Core, factory: string, job: string): boolean {
  if (holder(core, job) !== factory) return false;
  changeSoon(core, () => setLease(core, job, factory));
  return true;
}

/** Others may have the job at once. @returns false when the factory does not hold it (any more) */
export function giveBackLease(core: Core, factory: string, job: string): boolean {
  if (holder(core, job) !== factory) return false;
  changeSoon(core, () => {
    core.db.query("DELETE FROM lease WHERE job = ?").run(job);
    core.bells.ring("lease");
  });
  return true;
}

/** The few leases first, then their jobs: SQLite would take all that are queued first. */
const leaseOfCall = (core: Core, factory: string, call: string): Lease | undefined =>
  core.db
    .query<Lease, [string, string, number]>(
      `SELECT job, target_id AS target FROM lease CROSS JOIN job ON job.id = lease.job
       WHERE factory = +? AND call = +? AND expires > +? AND state = 'queued'`,
    )
    .get(factory, call, core.world.now()) ?? undefined;

/** A lease that is renewed keeps the call that it came from. */
const setLease = (core: Core, job: string, factory: string, call: string | null = null) =>
  core.db
    .query(
      `INSERT INTO lease (job, factory, expires, call) VALUES (?, ?, ?, ?) ON CONFLICT (job) DO UPDATE
         SET factory = excluded.factory, expires = excluded.expires, call = coalesce(excluded.call, call)`,
    )
    .run(job, factory, core.world.now() + core.config.schedule.lease * 1000, call);

/** The first lease of an attempt counts: from then on somebody has tried to make a machine. */
const noteLeased = (core: Core, job: string) =>
  core.db
    .query(
      `UPDATE attempt SET time_leased = ? WHERE job = ? AND time_leased IS NULL
         AND number = (SELECT attempt FROM job WHERE id = attempt.job)`,
    )
    .run(core.world.now(), job);

/** The factory with a live lease on the job. */
export function holder(core: Core, job: string): string | undefined {
  const lease = core.db.query<LeaseRow, [string]>("SELECT * FROM lease WHERE job = ?").get(job);
  return lease && lease.expires > core.world.now() ? lease.factory : undefined;
}

/** Whether the job waits for a machine that the factory may make: no other one makes it. @throws Refused 404 */
export const waitsForFactory = (core: Core, factory: string, job: string): boolean =>
  getJob(core, job).state === "queued" && (holder(core, job) ?? factory) === factory;

/**
 * A factory makes a machine for what it has a lease for, and, while it may take new work, for what nobody has one for.
 *
 * @param open it may take new work @throws Refused 409
 */
export function requireLease(core: Core, factory: string, job: string, open: boolean): void {
  const by = holder(core, job);
  if (by === factory || (by === undefined && open)) return;
  const why = by === undefined ? "this factory may take no new work" : "another factory is making a machine for it";
  throw new Refused(409, `job ${job} cannot be given to this machine: ${why}`);
}

/** Ends the leases of a factory, so that others may take their jobs at once. Part of the open transaction. */
export function dropLeasesOf(core: Core, factory: string): void {
  core.db.query("DELETE FROM lease WHERE factory = ?").run(factory);
  core.bells.ring("lease");
}

/** Drops leases that have ended and those of jobs that no longer wait for a machine. */
export function dropLeases(core: Core): void {
  const { changes } = core.db
    .query("DELETE FROM lease WHERE expires <= ? OR NOT EXISTS (SELECT 1 FROM job WHERE id = lease.job AND state = 'queued')")
    .run(core.world.now());
  if (changes > 0) core.bells.ring("lease");
}
