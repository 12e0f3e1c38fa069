import { type Static, Type } from "@sinclair/typebox";
import { Flag, orNull } from "../common/sqlite/column.ts";
import { JobState } from "./schema.ts";

/** The rows of this noun's tables; a test holds them against the migrated database. */
export const JobRow = Type.Object({
  id: Type.String(),
  owner: Type.String(),
  name: Type.String(),
  target: Type.String(),
  target_id: Type.String(),
  state: JobState,
  cancelled: Flag,
  attempt: Type.Integer(),
  time_archived: orNull(Type.Integer()),
  time_purged: orNull(Type.Integer()),
  log_count: orNull(Type.Integer()),
  log_bytes: orNull(Type.Integer()),
  log_sha256: orNull(Type.String()),
  retries: Type.Integer(),
  run_once: Flag,
  timeout_seconds: orNull(Type.Integer()),
  silence_seconds: orNull(Type.Integer()),
});
export type JobRow = Static<typeof JobRow>;

export const AttemptRow = Type.Object({
  job: Type.String(),
  number: Type.Integer(),
  worker: orNull(Type.String()),
  reason: orNull(Type.String()),
  interrupted: Flag,
  time_leased: orNull(Type.Integer()),
});
export type AttemptRow = Static<typeof AttemptRow>;

export const AttemptTimeRow = Type.Object({
  job: Type.String(),
  attempt: Type.Integer(),
  name: Type.String(),
  time: Type.Integer(),
});
export type AttemptTimeRow = Static<typeof AttemptTimeRow>;

export const TaskRow = Type.Object({
  job: Type.String(),
  seq: Type.Integer(),
  name: Type.String(),
  script: Type.String(),
  env_clear: Flag,
  env: Type.String(),
  uid: orNull(Type.Integer()),
  gid: orNull(Type.Integer()),
  workdir: orNull(Type.String()),
  timeout_seconds: orNull(Type.Integer()),
});
export type TaskRow = Static<typeof TaskRow>;

export const TaskVerdictRow = Type.Object({
  job: Type.String(),
  attempt: Type.Integer(),
  seq: Type.Integer(),
  failed: Flag,
  reason: orNull(Type.String()),
});
export type TaskVerdictRow = Static<typeof TaskVerdictRow>;

export const OutputRuleRow = Type.Object({
  job: Type.String(),
  seq: Type.Integer(),
  rule: Type.String(),
  ignore: Flag,
  size_change_ok: Flag,
  require_match: Flag,
});
export type OutputRuleRow = Static<typeof OutputRuleRow>;

export const FileRow = Type.Object({
  job: Type.String(),
  id: Type.String(),
  size: Type.Integer(),
  sha256: Type.String(),
  commit_id: Type.String(),
  kind: Type.Union([Type.Literal("input"), Type.Literal("output")]),
  name: Type.String(),
  time_archived: orNull(Type.Integer()),
});
export type FileRow = Static<typeof FileRow>;

export const InputRow = Type.Object({
  job: Type.String(),
  name: Type.String(),
  file: orNull(Type.String()),
  other_job: orNull(Type.String()),
});
export type InputRow = Static<typeof InputRow>;

export const OutputRow = Type.Object({ job: Type.String(), path: Type.String(), file: Type.String(), attempt: Type.Integer() });
export type OutputRow = Static<typeof OutputRow>;

export const DependRow = Type.Object({
  job: Type.String(),
  name: Type.String(),
  prior_job: Type.String(),
  copy_outputs: Flag,
  on_failed: Flag,
  on_completed: Flag,
  satisfied: Flag,
});
export type DependRow = Static<typeof DependRow>;

export const TagRow = Type.Object({ job: Type.String(), name: Type.String(), value: Type.String() });
export type TagRow = Static<typeof TagRow>;

export const StoreRow = Type.Object({
  job: Type.String(),
  name: Type.String(),
  value: Type.String(),
  secret: Flag,
  source: Type.Union([Type.Literal("user"), Type.Literal("worker")]),
  time_update: Type.Integer(),
});
export type StoreRow = Static<typeof StoreRow>;

export const LeaseRow = Type.Object({
  job: Type.String(),
  factory: Type.String(),
  expires: Type.Integer(),
  call: orNull(Type.String()),
});
export type LeaseRow = Static<typeof LeaseRow>;

export const MakingFailureRow = Type.Object({
  job: Type.String(),
  factory: Type.String(),
  reason: Type.String(),
  time: Type.Integer(),
  told: Type.String(),
  time_told: Type.Integer(),
});
export type MakingFailureRow = Static<typeof MakingFailureRow>;

export const PublishedFileRow = Type.Object({
  owner: Type.String(),
  series: Type.String(),
  version: Type.String(),
  name: Type.String(),
  job: Type.String(),
  file: Type.String(),
});
export type PublishedFileRow = Static<typeof PublishedFileRow>;

export const ArchiveRow = Type.Object({
  job: Type.String(),
  step: Type.Union([Type.Literal("wanted"), Type.Literal("archived"), Type.Literal("purged"), Type.Literal("cleared")]),
  asked: Flag,
  wanted: Type.Integer(),
  again: Type.Integer(),
  purge_at: orNull(Type.Integer()),
  log_size: orNull(Type.Integer()),
  log_sha256: orNull(Type.String()),
  record_size: orNull(Type.Integer()),
  record_sha256: orNull(Type.String()),
});
export type ArchiveRow = Static<typeof ArchiveRow>;

export const tables = {
  job: JobRow,
  attempt: AttemptRow,
  attempt_time: AttemptTimeRow,
  task: TaskRow,
  task_verdict: TaskVerdictRow,
  output_rule: OutputRuleRow,
  file: FileRow,
  input: InputRow,
  output: OutputRow,
  depend: DependRow,
  tag: TagRow,
  store: StoreRow,
  lease: LeaseRow,
  making_failure: MakingFailureRow,
  published_file: PublishedFileRow,
  archive: ArchiveRow,
};
