import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { moveJob } from "./state.ts";
import type { AttemptRow, FileRow, JobRow } from "./table.ts";

/**
 * The worker of a running job is lost. The job fails, or, where its submission asks for that and no task has failed of its own
 * accord, it is to be tried again: it stays as it is, closed to the lost worker, until the machine is known to be destroyed.
 *
 * @param why in words for the user, naming the worker
 */
export function loseWorkerOf(core: Core, job: JobRow, why: string): void {
  change(core, () => {
    if (isLost(core, job)) return;
    if (!mayRetry(core, job)) return moveJob(core, job.id, "fail", why);
    core.db.query("UPDATE attempt SET reason = ? WHERE job = ? AND number = ?").run(why, job.id, job.attempt);
    core.outbox.write(job.id, `${why}; the job will be tried again once the machine is destroyed`);
    core.bells.ring(`job ${job.id}`);
  });
}

/** Whether the worker of the running attempt was given up: nothing that it says counts any more. */
export function isLost(core: Core, { id, attempt, state }: JobRow): boolean {
  const row = core.db
    .query<Pick<AttemptRow, "reason">, [string, number]>("SELECT reason FROM attempt WHERE job = ? AND number = ?")
    .get(id, attempt);
  return state === "running" && row?.reason != null;
}

/** The lost worker's machine is gone: queues the job for another one. What the lost attempt made is dropped. */
export function retryIfLost(core: Core, job: JobRow): void {
  if (!isLost(core, job)) return;
  change(core, () => {
    dropOutputs(core, job);
    core.db.query("DELETE FROM store WHERE job = ? AND source = 'worker'").run(job.id);
    core.db.query("INSERT INTO attempt (job, number) VALUES (?, ?)").run(job.id, job.attempt + 1);
    core.db.query("UPDATE job SET attempt = attempt + 1 WHERE id = ?").run(job.id);
    moveJob(core, job.id, "retry", `the machine is destroyed: trying again (attempt ${job.attempt + 1} of ${job.retries + 1})`);
  });
}

function mayRetry(core: Core, { id, attempt, retries }: JobRow): boolean {
  if (attempt > retries) return false;
  return !core.db.query("SELECT 1 FROM task_verdict WHERE job = ? AND attempt = ? AND failed = 1").get(id, attempt);
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
