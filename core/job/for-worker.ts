import type { Core } from "../core.ts";
import { isoOrNull } from "../http/schema.ts";
import type { WorkerPingJob } from "../worker/schema.ts";
import { secretsOf } from "./store.ts";
import type { FileRow, InputRow, JobRow, OutputRuleRow, TaskRow } from "./table.ts";

/** All that an agent needs to run a job. */
export function jobForWorker(core: Core, { id, name, timeout_seconds, silence_seconds }: JobRow): WorkerPingJob {
  const tasks = core.db.query<TaskRow, [string]>("SELECT * FROM task WHERE job = +? ORDER BY seq").all(id);
  const rules = core.db.query<OutputRuleRow, [string]>("SELECT * FROM output_rule WHERE job = +? ORDER BY seq").all(id);
  const inputs = core.db
    .query<Pick<InputRow, "name"> & Pick<FileRow, "id" | "size" | "sha256">, [string]>(
      `SELECT input.name, file.id, file.size, file.sha256 FROM input
       JOIN file ON file.job = coalesce(input.other_job, input.job) AND file.id = input.file WHERE input.job = +? ORDER BY file.id, input.name`,
    )
    .all(id);
  const secrets = secretsOf(core, id);
  return {
    id,
    name,
    output_rules: rules.map((rule) => ({
      rule: rule.rule,
      ignore: rule.ignore === 1,
      size_change_ok: rule.size_change_ok === 1,
      require_match: rule.require_match === 1,
    })),
    tasks: tasks.map((task) => ({
      id: task.seq,
      name: task.name,
      script: task.script,
      env_clear: task.env_clear === 1,
      env: JSON.parse(task.env) as Record<string, string>,
      uid: task.uid ?? 0,
      gid: task.gid ?? 0,
      workdir: task.workdir ?? "/",
      timeout_seconds: task.timeout_seconds,
    })),
    inputs,
    timeout_seconds,
    silence_seconds,
    secrets: secrets.names,
    secrets_changed: isoOrNull(secrets.changed),
  };
}
