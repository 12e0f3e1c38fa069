import { decodeTime } from "ulid";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { resolveTarget } from "../target/target.ts";
import { hasPrivilege } from "../user/user.ts";
import { checkSubmission } from "./check.ts";
import { requireTurn } from "./quota.ts";
import { parseRule } from "./rules.ts";
import type { JobSubmit } from "./schema.ts";
import { ringJob, stamp } from "./state.ts";

/**
 * Takes a job in, with everything that belongs to it, in one transaction. It waits while it has inputs or dependencies.
 *
 * @returns its id @throws Refused 400 for what cannot be, 403 for a target that the user may not use, 429 for a job too many
 */
export function submitJob(core: Core, owner: string, submission: JobSubmit): string {
  const { name, target, tasks } = submission;
  const inputs = submission.inputs ?? [];
  const tags = Object.entries(submission.tags ?? {});
  const depends = Object.entries(submission.depends ?? {});
  checkSubmission(core.config.quota, submission);
  const { id: targetId, privilege } = resolveTarget(core, target);
  if (privilege && !hasPrivilege(core, owner, privilege))
    throw new Refused(403, `target "${target}" is only for users with the privilege "${privilege}"`);
  const rules = submission.output_rules.map(parseRule);
  const { db } = core;
  return change(core, () => {
    requireTurn(core, owner);
    const job = core.world.id();
    const waiting = inputs.length > 0 || depends.length > 0;
    db.query(
      `INSERT INTO job (id, owner, name, target, target_id, state, retries, run_once, timeout_seconds, silence_seconds)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      job,
      owner,
      name,
      target,
      targetId,
      waiting ? "waiting" : "queued",
      submission.retries_on_lost_worker ?? 0,
      // Who says so means it; who says nothing knows nothing of machines that are taken back.
      Number(submission.retries_on_lost_worker === 0),
      submission.timeout_seconds ?? null,
      submission.silence_seconds ?? null,
    );
    db.query("INSERT INTO attempt (job, number) VALUES (?, 1)").run(job);
    stamp(core, job, 1, "submit", decodeTime(job));
    if (!waiting) stamp(core, job, 1, "ready", decodeTime(job));
    for (const [seq, task] of tasks.entries())
      db.query(
        "INSERT INTO task (job, seq, name, script, env_clear, env, uid, gid, workdir, timeout_seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      ).run(
        job,
        seq,
        task.name,
        task.script,
        Number(task.env_clear),
        JSON.stringify(task.env),
        task.uid ?? null,
        task.gid ?? null,
        task.workdir ?? null,
        task.timeout_seconds ?? null,
      );
    for (const [seq, rule] of rules.entries())
      db.query("INSERT INTO output_rule (job, seq, rule, ignore, size_change_ok, require_match) VALUES (?, ?, ?, ?, ?, ?)").run(
        job,
        seq,
        rule.rule,
        Number(rule.ignore),
        Number(rule.size_change_ok),
        Number(rule.require_match),
      );
    for (const input of inputs) db.query("INSERT INTO input (job, name) VALUES (?, ?)").run(job, input);
    for (const [tag, value] of tags) db.query("INSERT INTO tag (job, name, value) VALUES (?, ?, ?)").run(job, tag, value);
    for (const [dependName, depend] of depends) insertDepend(core, job, owner, dependName, depend);
    ringJob(core, job);
    return job;
  });
}

function insertDepend(
  core: Core,
  job: string,
  owner: string,
  name: string,
  depend: NonNullable<JobSubmit["depends"]>[string],
): void {
  if (!depend.on_failed && !depend.on_completed)
    throw new Refused(400, `dependency "${name}" can never be met: set on_completed or on_failed`);
  // The same words whether the job is another's or is not there: nobody learns which.
  if (!core.db.query("SELECT 1 FROM job WHERE id = ? AND owner = ?").get(depend.prior_job, owner))
    throw new Refused(409, `dependency "${name}": you have no job ${depend.prior_job}`);
  core.db
    .query("INSERT INTO depend (job, name, prior_job, copy_outputs, on_failed, on_completed) VALUES (?, ?, ?, ?, ?, ?)")
    .run(job, name, depend.prior_job, Number(depend.copy_outputs), Number(depend.on_failed), Number(depend.on_completed));
}
