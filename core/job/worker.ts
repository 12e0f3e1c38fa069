import type { Core } from "../core.ts";
import { isFinal } from "./schema.ts";
import type { AttemptRow, JobRow } from "./table.ts";

/** The one job that a worker has or had, if this attempt is still the job's last. */
export function jobOf(core: Core, worker: string): JobRow | undefined {
  const row = core.db
    .query<JobRow, [string]>(
      "SELECT job.* FROM attempt JOIN job ON job.id = attempt.job AND job.attempt = attempt.number WHERE attempt.worker = +?",
    )
    .get(worker);
  return row ?? undefined;
}

/** The job that a worker is running right now. */
export function activeJobOf(core: Core, worker: string): JobRow | undefined {
  const job = jobOf(core, worker);
  return job && !isFinal(job.state) ? job : undefined;
}

/** A worker runs one job in its life: this tells whether it had it. */
export const hadJob = (core: Core, worker: string): boolean =>
  core.db.query("SELECT 1 FROM attempt WHERE worker = ?").get(worker) !== null;

/** The worker of the job's last attempt. */
export const workerOf = (core: Core, job: Pick<JobRow, "id" | "attempt">): string | null =>
  core.db
    .query<Pick<AttemptRow, "worker">, [string, number]>("SELECT worker FROM attempt WHERE job = ? AND number = ?")
    .get(job.id, job.attempt)?.worker ?? null;

/** For the reason of a failure: what the worker was at when it was last heard of. */
export function lastDeed(core: Core, job: JobRow): string {
  const task = core.db
    .query<{ seq: number; name: string }, [number, string]>(
      `SELECT seq, name FROM task WHERE NOT EXISTS
         (SELECT 1 FROM task_verdict v WHERE v.job = task.job AND v.seq = task.seq AND v.attempt = ?)
       AND job = ? ORDER BY seq LIMIT 1`,
    )
    .get(job.attempt, job.id);
  if (!task) return "all its tasks were done";
  return `it was at task ${task.seq} ("${task.name}")`;
}
