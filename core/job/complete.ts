import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { isFinal } from "./schema.ts";
import { getActiveJob, getJob, moveJob } from "./state.ts";
import type { JobRow } from "./table.ts";

export interface Verdict {
  failed: boolean;
  /** For the user, where the worker knows more than an exit code. */
  reason?: string | null | undefined;
}

/** The worker's verdict over one task of the running attempt; the first one counts. @throws Refused 404, 409 */
export function completeTask(core: Core, job: string, seq: number, { failed, reason }: Verdict): void {
  change(core, () => {
    const { attempt } = getActiveJob(core, job, "too late for a task's verdict");
    requireTask(core, job, seq);
    setVerdict(core, job, attempt, seq, { failed, reason });
    core.bells.ring(`job ${job}`);
  });
}

/** @throws Refused 404 */
export function requireTask(core: Core, job: string, seq: number): void {
  if (!core.db.query("SELECT 1 FROM task WHERE job = ? AND seq = ?").get(job, seq))
    throw new Refused(404, `job ${job} has no task ${seq}`);
}

function setVerdict(core: Core, job: string, attempt: number, seq: number, { failed, reason }: Verdict): void {
  core.db
    .query("INSERT INTO task_verdict (job, attempt, seq, failed, reason) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
    .run(job, attempt, seq, Number(failed), reason ?? null);
}

/**
 * The worker says that the job is over. It failed if the worker says so, if a task failed, or if one has no verdict.
 *
 * @throws Refused 404, 409 while files are being committed
 */
export function completeJob(core: Core, job: string, { failed, reason }: Verdict): void {
  change(core, () => {
    const row = getJob(core, job);
    if (isFinal(row.state)) return;
    const pending = core.commits.pending(job);
    if (pending > 0) throw new Refused(409, `job ${job} cannot end yet: ${pending} of its files are still being committed`);
    const told = failed ? (reason ?? undefined) : undefined;
    const outside = failed ? "the worker reported a failure outside of the tasks" : undefined;
    const { failure, unfinished } = verdictsOf(core, row);
    const why = failure ?? told ?? unfinished ?? outside;
    if (why) moveJob(core, job, "fail", `job failed: ${why}`);
    else moveJob(core, job, "complete", "job completed");
  });
}

/** What the tasks have to say about a failure: the first that failed, and the first that has no verdict. */
function verdictsOf(core: Core, { id, attempt }: JobRow): { failure: string | undefined; unfinished: string | undefined } {
  const tasks = core.db
    .query<{ seq: number; name: string; failed: number | null; reason: string | null }, [number, string]>(
      `SELECT task.seq, name, failed, reason FROM task LEFT JOIN task_verdict v ON v.job = task.job AND v.seq = task.seq AND v.attempt = +?
       WHERE task.job = +? ORDER BY task.seq`,
    )
    .all(attempt, id);
  for (const { seq, failed } of tasks) {
    if (failed !== null) continue;
    core.outbox.write(id, `task ${seq} was incomplete: marked failed`, seq);
    setVerdict(core, id, attempt, seq, { failed: true });
  }
  const failure = tasks.find((task) => task.failed === 1);
  const unfinished = tasks.find((task) => task.failed === null);
  const because = failure?.reason ? `: ${failure.reason}` : "";
  return {
    failure: failure && `task ${failure.seq} ("${failure.name}") failed${because}`,
    unfinished: unfinished && `task ${unfinished.seq} ("${unfinished.name}") was never finished`,
  };
}
