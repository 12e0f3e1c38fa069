import { inWords } from "../common/duration.ts";
import type { Core } from "../core.ts";
import { changeSoon } from "../db/change.ts";
import { factoryName } from "../factory/find.ts";
import { waitsForFactory } from "./lease.ts";
import type { MakingFailureRow } from "./table.ts";

/** A log is told of another reason no sooner than so long after the last one, ms: some have a part that is never the same. */
const TELL_AGAIN = 600_000;

/**
 * A factory could make no machine for a queued job: the job's owner reads why. What is known of it goes once the job has a machine.
 *
 * @returns false when the job does not wait for a machine of this factory (any more) @throws Refused 404
 */
export function noteMakingFailure(core: Core, factory: string, job: string, reason: string): boolean {
  if (!waitsForFactory(core, factory, job)) return false;
  changeSoon(core, () => {
    const now = core.world.now();
    const known = rowOf(core, job);
    const silent = known !== null && (known.told === reason || now - known.time_told < TELL_AGAIN);
    if (!silent) core.outbox.write(job, `factory "${factoryName(core, factory)}" could not make a machine: ${reason}`);
    const { told, time_told } = silent ? known : { told: reason, time_told: now };
    core.db
      .query("INSERT OR REPLACE INTO making_failure (job, factory, reason, time, told, time_told) VALUES (?, ?, ?, ?, ?, ?)")
      .run(job, factory, reason, now, told, time_told);
    core.bells.ring(`job ${job}`);
  });
  return true;
}

/** In words: `20 s ago, factory "aws" could make none: the image is gone`. */
export function makingFailureOf(core: Core, job: string): string | undefined {
  const known = rowOf(core, job);
  if (!known) return undefined;
  const { factory, reason, time } = known;
  return `${inWords(core.world.now() - time)} ago, factory "${factoryName(core, factory)}" could make none: ${reason}`;
}

/** Drops those of jobs that do not wait for a machine any more. */
export function dropMakingFailures(core: Core): void {
  core.db.run(
    "DELETE FROM making_failure WHERE NOT EXISTS (SELECT 1 FROM job WHERE id = making_failure.job AND state = 'queued')",
  );
}

const rowOf = (core: Core, job: string): MakingFailureRow | null =>
  core.db.query<MakingFailureRow, [string]>("SELECT * FROM making_failure WHERE job = ?").get(job);
