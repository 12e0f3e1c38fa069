import { inWords } from "../common/duration.ts";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { folderOf } from "./check.ts";
import { ACTIVE } from "./queue.ts";
import { isFinal } from "./schema.ts";
import { getJob, moveJob, timeOf } from "./state.ts";
import type { DependRow, OutputRow } from "./table.ts";

/**
 * Waiting jobs that `wakeIfReady` has something to do for, oldest first: told by one query, as thousands may wait, and
 * most passes bring them nothing.
 */
export const jobsToWake = (core: Core): string[] =>
  core.db
    .query<{ id: string }, []>(
      `SELECT id FROM job WHERE state = 'waiting' AND ${ACTIVE} AND (
         EXISTS (SELECT 1 FROM depend CROSS JOIN job prior ON prior.id = prior_job
                 WHERE depend.job = job.id AND satisfied = 0 AND prior.state IN ('completed', 'failed'))
         OR (NOT EXISTS (SELECT 1 FROM depend WHERE depend.job = job.id AND satisfied = 0)
             AND NOT EXISTS (SELECT 1 FROM input WHERE input.job = job.id AND file IS NULL))
       ) ORDER BY id`,
    )
    .all()
    .map(({ id }) => id);

/**
 * Looks whether a waiting job has what it waits for: takes in dependencies whose job has ended, fails the job if one can never
 * be met, and queues it when nothing is missing.
 */
export function wakeIfReady(core: Core, job: string): void {
  change(core, () => {
    if (getJob(core, job).state !== "waiting") return;
    const open = core.db
      .query<DependRow, [string]>("SELECT * FROM depend WHERE job = +? AND satisfied = 0 ORDER BY name")
      .all(job);
    let missing = 0;
    for (const depend of open) {
      const outcome = outcomeOf(core, depend);
      if (outcome === "open") missing++;
      else if (outcome === "met") satisfy(core, depend);
      else return moveJob(core, job, "fail", outcome);
    }
    if (missing > 0 || inputsMissing(core, job)) return;
    const waited = core.world.now() - (timeOf(core, job, "submit") ?? core.world.now());
    moveJob(core, job, "wake", `ready to run (waiting for ${inWords(waited)})`);
  });
}

/** `open`, `met`, or the reason why it can never be met. */
function outcomeOf(core: Core, { name, prior_job, on_completed, on_failed }: DependRow): string {
  const { state } = getJob(core, prior_job);
  if (!isFinal(state)) return "open";
  if (state === "completed")
    return on_completed ? "met" : `dependency "${name}": job ${prior_job} should have failed, but it completed`;
  return on_failed ? "met" : `dependency "${name}": job ${prior_job} should have completed, but it failed`;
}

/** Hands the outputs of the prior job over by reference: `/work/f` of dependency `lib` becomes the input `lib/work/f`. */
function satisfy(core: Core, { job, name, prior_job, copy_outputs }: DependRow): void {
  if (copy_outputs) {
    const outputs = core.db.query<OutputRow, [string]>("SELECT * FROM output WHERE job = +? ORDER BY path").all(prior_job);
    for (const { path, file } of outputs)
      core.db
        .query("INSERT INTO input (job, name, file, other_job) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
        .run(job, `${folderOf(name)}${path.startsWith("/") ? "" : "/"}${path}`, file, prior_job);
  }
  core.db.query("UPDATE depend SET satisfied = 1 WHERE job = ? AND name = ?").run(job, name);
}

const inputsMissing = (core: Core, job: string) =>
  core.db.query("SELECT 1 FROM input WHERE job = ? AND file IS NULL").get(job) !== null;

/** @throws Refused 409 unless the job still waits for its inputs */
export function requireWaiting(core: Core, job: string): void {
  const { state } = getJob(core, job);
  if (state !== "waiting") throw new Refused(409, `job ${job} takes no input: it is ${state}`);
}
