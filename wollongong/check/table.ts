import { type Static, Type } from "@sinclair/typebox";
import { Flag, orNull } from "../../core/common/sqlite/column.ts";

const words = <const T extends readonly string[]>(list: T) => Type.Union(list.map((word) => Type.Literal(word as T[number])));

export const SuiteState = words(["created", "parked", "planned", "running", "complete", "retired"]);
export type SuiteState = Static<typeof SuiteState>;

export const SuiteRow = Type.Object({
  id: Type.String(),
  repo: Type.Integer(),
  install: Type.Integer(),
  github_id: orNull(Type.Integer()),
  head_sha: Type.String(),
  head_branch: orNull(Type.String()),
  base_sha: orNull(Type.String()),
  pr: orNull(Type.Integer()),
  merge_group: Flag,
  state: SuiteState,
  plan: orNull(Type.String()),
  plan_sha: orNull(Type.String()),
  url_key: Type.String(),
  pr_by: orNull(Type.Integer()),
  requested_by: orNull(Type.Integer()),
  approved_by: orNull(Type.Integer()),
  asked_by: orNull(Type.Integer()),
  due: orNull(Type.Integer()),
  tries: Type.Integer(),
  error: orNull(Type.String()),
  time_create: Type.Integer(),
});
export type SuiteRow = Static<typeof SuiteRow>;

export const RunState = words(["waiting", "submitting", "submitted", "over"]);
export type RunState = Static<typeof RunState>;

/** GitHub's, but for `stale`, which only GitHub gives. */
export const Conclusion = words(["success", "failure", "cancelled", "action_required", "timed_out", "skipped", "neutral"]);
export type Conclusion = Static<typeof Conclusion>;

export const RunRow = Type.Object({
  id: Type.String(),
  check_suite: Type.String(),
  name: Type.String(),
  variety: words(["control", "basic"]),
  path: orNull(Type.String()),
  content: orNull(Type.String()),
  active: Flag,
  state: RunState,
  conclusion: orNull(Conclusion),
  story: orNull(Type.String()),
  note: orNull(Type.String()),
  action: orNull(Type.Literal("auth")),
  time_create: Type.Integer(),
  submission: orNull(Type.String()),
  job: orNull(Type.String()),
  job_state: orNull(Type.String()),
  time_assigned: orNull(Type.Integer()),
  time_complete: orNull(Type.Integer()),
  cancelled_by: orNull(Type.String()),
  cancelled: Flag,
  extra_repos: Type.String(),
  next_event: Type.Integer(),
  tail: Type.String(),
  outputs: Type.String(),
  report: orNull(Type.String()),
  github_id: orNull(Type.Integer()),
  announced: Flag,
  version: Type.Integer(),
  flushed: Type.Integer(),
  shown: orNull(Type.String()),
  annotated: orNull(Type.Integer()),
  flush_error: orNull(Type.String()),
  ungiven: orNull(Type.String()),
});
export type RunRow = Static<typeof RunRow>;

const ChronicleRow = Type.Object({
  id: Type.Integer(),
  suite: Type.String(),
  run: orNull(Type.String()),
  time: Type.Integer(),
  text: Type.String(),
});

const BehindRow = Type.Object({ time: Type.Integer() });

export const tables = { behind: BehindRow, check_suite: SuiteRow, check_run: RunRow, chronicle: ChronicleRow };
