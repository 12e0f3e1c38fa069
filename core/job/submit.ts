import { decodeTime } from "ulid";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { resolveTarget } from "../target/target.ts";
import { hasPrivilege } from "../user/user.ts";
import { parseRule } from "./rules.ts";
import type { JobSubmit } from "./schema.ts";
import { ringJob, stamp } from "./state.ts";

export const LIMITS = { tasks: 64, inputs: 25, depends: 8, tags: 100, tagBytes: 131_072 };

/**
 * Takes a job in, with everything that belongs to it, in one transaction. It waits while it has inputs or dependencies.
 *
 * @returns its id @throws Refused 400 for what cannot be, 403 for a target that the user may not use
 */
export function submitJob(core: Core, owner: string, submission: JobSubmit): string {
  const { name, target, tasks } = submission;
  const inputs = submission.inputs ?? [];
  const tags = Object.entries(submission.tags ?? {});
  const depends = Object.entries(submission.depends ?? {});
  checkCounts(submission);
  checkInputs(inputs);
  checkTags(tags);
  const { id: targetId, privilege } = resolveTarget(core, target);
  if (privilege && !hasPrivilege(core, owner, privilege))
    throw new Refused(403, `target "${target}" is only for users with the privilege "${privilege}"`);
  const rules = submission.output_rules.map(parseRule);
  const { db } = core;
  return change(core, () => {
    const job = core.world.id();
    const waiting = inputs.length > 0 || depends.length > 0;
    db.query(
      `INSERT INTO job (id, owner, name, target, target_id, state, retries, timeout_seconds, silence_seconds)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      job,
      owner,
      name,
      target,
      targetId,
      waiting ? "waiting" : "queued",
      submission.retries_on_lost_worker ?? 0,
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
  if (name.trim() === "" || name.includes("/"))
    throw new Refused(400, `a dependency cannot be called "${name}": it is part of a path`);
  if (!depend.on_failed && !depend.on_completed)
    throw new Refused(400, `dependency "${name}" can never be met: set on_completed or on_failed`);
  // The same words whether the job is another's or is not there: nobody learns which.
  if (!core.db.query("SELECT 1 FROM job WHERE id = ? AND owner = ?").get(depend.prior_job, owner))
    throw new Refused(409, `dependency "${name}": you have no job ${depend.prior_job}`);
  core.db
    .query("INSERT INTO depend (job, name, prior_job, copy_outputs, on_failed, on_completed) VALUES (?, ?, ?, ?, ?, ?)")
    .run(job, name, depend.prior_job, Number(depend.copy_outputs), Number(depend.on_failed), Number(depend.on_completed));
}

function checkCounts({ tasks, inputs, depends, tags }: JobSubmit): void {
  if (tasks.length === 0) throw new Refused(400, "a job needs at least one task");
  const counts = { tasks, inputs: inputs ?? [], depends: Object.keys(depends ?? {}), tags: Object.keys(tags ?? {}) };
  for (const [what, list] of Object.entries(counts)) {
    const most = LIMITS[what as keyof typeof counts];
    if (list.length > most) throw new Refused(400, `too many ${what}: ${list.length}, the limit is ${most}`);
  }
}

function checkInputs(inputs: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of inputs) {
    requireInputName(name);
    if (seen.has(name)) throw new Refused(400, `input "${name}" is named twice`);
    seen.add(name);
  }
}

/** @throws Refused 400 for a name that is no plain file name */
export function requireInputName(name: string): void {
  if (name.trim() === "" || name.includes("/") || name.includes("\0") || name === "." || name === "..")
    throw new Refused(400, `an input cannot be called "${name}": it becomes a file in /input`);
}

function checkTags(tags: readonly (readonly [string, string])[]): void {
  for (const [name] of tags)
    if (!/^[0-9a-z._-]+$/.test(name)) throw new Refused(400, `a tag cannot be called "${name}": only [0-9a-z._-] are allowed`);
  const bytes = tags.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (bytes > LIMITS.tagBytes) throw new Refused(400, `the tags are too large: ${bytes} bytes, the limit is ${LIMITS.tagBytes}`);
}
