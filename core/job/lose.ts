import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { moveJob } from "./state.ts";
import type { AttemptRow, FileRow, JobRow } from "./table.ts";

/** How the worker of a running job was lost. */
export interface Loss {
  /** In words for the user, naming the worker. */
  why: string;
  /** Whether a provider took the machine back, which is nobody's fault; `open`: that is known once the machine is gone. */
  interrupted: boolean | "open";
}

/**
 * The worker of a running job is lost. The job fails, or, where it may be tried again and no task has failed of its own accord, it
 * is to be: it stays as it is, closed to the lost worker, until the machine is known to be destroyed.
 */
export function loseWorkerOf(core: Core, job: JobRow, { why, interrupted }: Loss): void {
  change(core, () => {
    if (isLost(core, job)) return;
    if (!mayRetry(core, job, interrupted !== false)) return moveJob(core, job.id, "fail", why);
    core.db.query("UPDATE attempt SET reason = ? WHERE job = ? AND number = ?").run(why, job.id, job.attempt);
    const certain = mayRetry(core, job, interrupted === true);
    const next = certain ? "the job will be tried again" : "if the machine was taken back, the job will be tried again";
    core.outbox.write(job.id, `${why}; ${next} once the machine is destroyed`);
    core.bells.ring(`job ${job.id}`);
  });
}

/** Whether the worker of the running attempt was given up: nothing that it says counts any more. */
export function isLost(core: Core, job: JobRow): boolean {
  return job.state === "running" && lastAttempt(core, job)?.reason != null;
}

/**
 * The lost worker's machine is gone: queues the job for another one, unless it turns out that it may not be tried again. What
 * the lost attempt made is dropped.
 *
 * @param by who took the machine back, if that is why it was lost
 */
export function retryIfLost(core: Core, job: JobRow, by: string | null): void {
  if (!isLost(core, job)) return;
  change(core, () => {
    const gone = by === null ? "the machine is destroyed" : tookBack(by);
    const why = reasonOf(lastAttempt(core, job), by);
    core.db.query("UPDATE attempt SET reason = ? WHERE job = ? AND number = ?").run(why, job.id, job.attempt);
    const counted = by !== null && mayBeInterrupted(core, job);
    if (!mayRetry(core, job, counted)) return moveJob(core, job.id, "fail", why);
    dropOutputs(core, job);
    core.db.query("DELETE FROM store WHERE job = ? AND source = 'worker'").run(job.id);
    core.db.query("UPDATE attempt SET interrupted = ? WHERE job = ? AND number = ?").run(Number(counted), job.id, job.attempt);
    core.db.query("INSERT INTO attempt (job, number) VALUES (?, ?)").run(job.id, job.attempt + 1);
    core.db.query("UPDATE job SET attempt = attempt + 1 WHERE id = ?").run(job.id);
    const most = job.retries + 1 + interruptionsOf(core, job);
    moveJob(core, job.id, "retry", `${gone}: trying again (attempt ${job.attempt + 1} of ${most})`);
  });
}

/** @param by the provider, as people call it: `EC2` */
export const tookBack = (by: string): string => `${by} took the machine back`;

/** How often the machine of the job was taken back, where that was the reason for another try. */
export const interruptionsOf = (core: Core, { id }: Pick<JobRow, "id">): number =>
  core.db.query<{ count: number }, [string]>("SELECT count(*) AS count FROM attempt WHERE job = ? AND interrupted = 1").get(id)
    ?.count ?? 0;

/** @param interrupted the attempt ended because the provider took the machine back, which has an account of its own */
function mayRetry(core: Core, job: JobRow, interrupted: boolean): boolean {
  const { id, attempt, retries } = job;
  if (core.db.query("SELECT 1 FROM task_verdict WHERE job = ? AND attempt = ? AND failed = 1").get(id, attempt)) return false;
  return (interrupted && mayBeInterrupted(core, job)) || attempt - interruptionsOf(core, job) <= retries;
}

const mayBeInterrupted = (core: Core, job: JobRow): boolean =>
  job.run_once === 0 && interruptionsOf(core, job) < core.config.job.max_interruptions;

const lastAttempt = (core: Core, { id, attempt }: JobRow) =>
  core.db
    .query<Pick<AttemptRow, "reason">, [string, number]>("SELECT reason FROM attempt WHERE job = ? AND number = ?")
    .get(id, attempt);

/** The loss may have been noticed before it was known that the machine was taken back. */
function reasonOf(attempt: Pick<AttemptRow, "reason"> | null, by: string | null): string {
  const known = attempt?.reason ?? "";
  return by === null || known.includes(tookBack(by)) ? known : `${tookBack(by)}: ${known}`;
}

function dropOutputs(core: Core, { id }: JobRow): void {
  const files = core.db.query<Pick<FileRow, "id">, [string]>("SELECT id FROM file WHERE job = ? AND kind = 'output'").all(id);
  core.db.query("DELETE FROM output WHERE job = ?").run(id);
  core.db.query("DELETE FROM file WHERE job = ? AND kind = 'output'").run(id);
  // Should the process end before these are removed, the sweep of the next start does it.
  for (const file of files)
    void core.files
      .remove(id, file.id)
      .catch((error: unknown) => core.logger.warn("cannot remove a lost output", { job: id, error }));
}
