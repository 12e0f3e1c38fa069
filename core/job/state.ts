import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { isFinal, type JobState } from "./schema.ts";
import type { JobRow } from "./table.ts";

interface Move {
  readonly from: readonly JobState[];
  readonly to: JobState;
  /** Name of the time that it leaves behind. */
  readonly stamp: "ready" | "assigned" | "complete";
}

/** Every legal move of a job. What is not here cannot happen. */
export const MOVES = {
  wake: { from: ["waiting"], to: "queued", stamp: "ready" },
  assign: { from: ["queued"], to: "running", stamp: "assigned" },
  complete: { from: ["running"], to: "completed", stamp: "complete" },
  /** The machine was lost and is gone: another one is to run the job from its beginning. */
  retry: { from: ["running"], to: "queued", stamp: "ready" },
  fail: { from: ["waiting", "queued", "running"], to: "failed", stamp: "complete" },
} as const satisfies Record<string, Move>;

export type MoveName = keyof typeof MOVES;

/**
 * The one door through which a job changes state: the row, the time and the sentence that tells the user why, together or
 * not at all. Part of the caller's transaction when there is one.
 *
 * @param why what the user reads in the log, for example `cancelled by alice`
 * @throws Refused 404 for an unknown job, 409 for a move that its state does not allow
 */
export function moveJob(core: Core, job: string, name: MoveName, why: string): void {
  const move: Move = MOVES[name];
  change(core, () => {
    const { state, attempt } = getJob(core, job);
    if (!move.from.includes(state)) throw new Refused(409, `cannot ${name} job ${job}: it is ${state}`);
    core.db.query("UPDATE job SET state = ? WHERE id = ?").run(move.to, job);
    stamp(core, job, attempt, move.stamp);
    core.outbox.write(job, why);
    if (isFinal(move.to)) {
      core.db.query("UPDATE attempt SET reason = ? WHERE job = ? AND number = ?").run(why, job, attempt);
      core.bells.ring("job ended");
    }
    ringJob(core, job);
  });
}

/** Tells everybody that a job is not what it was. */
export function ringJob(core: Core, job: string): void {
  core.bells.ring(`job ${job}`);
  core.bells.ring("schedule");
  core.bells.ring("lease");
}

/** The first time of a name stays. */
export function stamp(core: Core, job: string, attempt: number, name: string, time = core.world.now()): void {
  core.db
    .query("INSERT INTO attempt_time (job, attempt, name, time) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
    .run(job, attempt, name, time);
}

/** When the job reached a point of its (last attempt's) life; ms, or null. */
export function timeOf(core: Core, job: string, name: string): number | null {
  const row = core.db
    .query<{ time: number }, [string, string]>(
      "SELECT time FROM attempt_time WHERE job = +? AND name = +? ORDER BY attempt DESC LIMIT 1",
    )
    .get(job, name);
  return row?.time ?? null;
}

/** @throws Refused 404 */
export function getJob(core: Core, job: string): JobRow {
  const row = core.db.query<JobRow, [string]>("SELECT * FROM job WHERE id = ?").get(job);
  if (!row) throw new Refused(404, `there is no job ${job}`);
  return row;
}

/** @param what the thing that cannot be done any more @throws Refused 404, 409 when the job has ended */
export function getActiveJob(core: Core, job: string, what: string): JobRow {
  const row = getJob(core, job);
  if (isFinal(row.state)) throw new Refused(409, `${what}: job ${job} has ended already (${row.state})`);
  return row;
}
