import { Refused } from "../common/refused.ts";
import type { QuotaConfig } from "./quota-config.ts";
import type { JobSubmit } from "./schema.ts";

type Task = JobSubmit["tasks"][number];

/** Holds a submission against everything that can be told from itself alone. @throws Refused 400 */
export function checkSubmission(quota: QuotaConfig, submission: JobSubmit): void {
  const { name, tasks, output_rules } = submission;
  const inputs = submission.inputs ?? [];
  const depends = Object.keys(submission.depends ?? {});
  const tags = Object.entries(submission.tags ?? {});
  if (tasks.length === 0) throw new Refused(400, "a job needs at least one task");
  atMost("tasks", tasks.length, quota.max_tasks);
  atMost("inputs", inputs.length, quota.max_inputs);
  atMost("depends", depends.length, quota.max_depends);
  atMost("tags", tags.length, quota.max_tags);
  atMost("output rules", output_rules.length, quota.max_output_rules);
  checkText("the job's name", name, quota.max_name_bytes);
  for (const [i, task] of tasks.entries()) checkTask(quota, `task ${i}`, task);
  for (const rule of output_rules) checkText("an output rule", rule, quota.max_path_bytes);
  checkInputs(inputs, quota.max_name_bytes);
  checkDepends(depends, quota.max_name_bytes);
  checkTags(tags, quota.max_tag_bytes);
}

function checkTask(quota: QuotaConfig, which: string, { name, script, env, workdir }: Task): void {
  checkText(`the name of ${which}`, name, quota.max_name_bytes);
  checkText(`the script of ${which}`, script, quota.max_script_bytes);
  if (workdir != null) checkText(`the workdir of ${which}`, workdir, quota.max_path_bytes);
  const variables = Object.entries(env);
  for (const [variable, value] of variables) {
    if (variable === "" || variable.includes("=") || variable.includes("\0"))
      throw new Refused(400, `${which}: a variable of the environment cannot be called ${JSON.stringify(variable)}`);
    if (value.includes("\0")) throw new Refused(400, `${which}: the variable "${variable}" cannot have a NUL in its value`);
  }
  const bytes = sizeOf(variables);
  if (bytes > quota.max_env_bytes)
    throw new Refused(400, `the environment of ${which} is too large: ${bytes} bytes, the limit is ${quota.max_env_bytes}`);
}

function checkText(what: string, text: string, most: number): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > most) throw new Refused(400, `${what} is too long: ${bytes} bytes, the limit is ${most}`);
  if (text.includes("\0")) throw new Refused(400, `${what} cannot have a NUL in it`);
}

function atMost(what: string, count: number, most: number): void {
  if (count > most) throw new Refused(400, `too many ${what}: ${count}, the limit is ${most}`);
}

function checkInputs(inputs: readonly string[], most: number): void {
  const seen = new Set<string>();
  for (const name of inputs) {
    requireInputName(name);
    checkText("an input's name", name, most);
    if (seen.has(name)) throw new Refused(400, `input "${name}" is named twice`);
    seen.add(name);
  }
}

/** @throws Refused 400 for a name that is no plain file name */
export function requireInputName(name: string): void {
  if (name.trim() === "" || !isPlain(name))
    throw new Refused(400, `an input cannot be called "${name}": it becomes a file in /input`);
}

function checkDepends(names: readonly string[], most: number): void {
  const seen = new Set<string>();
  for (const name of names) {
    checkText("a dependency's name", name, most);
    const folder = folderOf(name);
    if (folder === "" || !isPlain(folder))
      throw new Refused(400, `a dependency cannot be called "${name}": it becomes a folder in /input`);
    if (seen.has(folder)) throw new Refused(400, `dependency "${folder}" is named twice`);
    seen.add(folder);
  }
}

/** Where in /input the outputs of a dependency go. */
export const folderOf = (depend: string): string => depend.trim();

const isPlain = (name: string) => !name.includes("/") && !name.includes("\0") && name !== "." && name !== "..";

function checkTags(tags: readonly (readonly [string, string])[], most: number): void {
  for (const [name] of tags)
    if (!/^[0-9a-z._-]+$/.test(name)) throw new Refused(400, `a tag cannot be called "${name}": only [0-9a-z._-] are allowed`);
  const bytes = sizeOf(tags);
  if (bytes > most) throw new Refused(400, `the tags are too large: ${bytes} bytes, the limit is ${most}`);
}

const sizeOf = (pairs: readonly (readonly [string, string])[]) =>
  pairs.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
