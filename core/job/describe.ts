import { setImmediate } from "node:timers/promises";
import type { Core } from "../core.ts";
import { reading } from "../db/reading.ts";
import { isoOrNull } from "../http/schema.ts";
import { getTarget } from "../target/target.ts";
import { costOf, totalCost } from "../worker/cost.ts";
import { recallRecord } from "./archive/recall.ts";
import { inOrder, isoTimes, momentsOf, phasesOf } from "./moments.ts";
import { renderRule } from "./rules.ts";
import type { Job, JobListEntry } from "./schema.ts";
import { getJob } from "./state.ts";
import type { JobRow, OutputRuleRow, TagRow, TaskRow } from "./table.ts";

/** A job as the API shows it. */
export const describeJob = (core: Core, job: JobRow): Job | Promise<Job> =>
  job.time_purged === null
    ? reading(core, () => described(core, job, { rules: rulesOf(core, job), tasks: tasksOf(core, job) }))
    : describePurged(core, job);

/** Others have their turn after so many jobs of a long list. */
const AT_A_TIME = 50;

/** One after the other: of purged ones, each is a file to fetch. */
export async function describeAll(core: Core, ids: readonly string[]): Promise<Job[]> {
  const jobs: Job[] = [];
  for (const id of ids) {
    jobs.push(await describeJob(core, getJob(core, id)));
    if (jobs.length % AT_A_TIME === 0) await setImmediate();
  }
  return jobs;
}

async function describePurged(core: Core, job: JobRow): Promise<Job> {
  const { output_rules: rules, tasks, verdicts } = await recallRecord(core, job.id);
  const failed = new Map(verdicts.filter(({ attempt }) => attempt === job.attempt).map((row) => [row.seq, row.failed]));
  const judged = tasks.map((task) => ({ ...task, failed: failed.get(task.seq) ?? null }));
  return reading(core, () => described(core, job, { rules, tasks: judged }));
}

interface Asked {
  rules: OutputRuleRow[];
  tasks: (TaskRow & { failed: number | null })[];
}

function described(core: Core, job: JobRow, { rules, tasks }: Asked): Job {
  const { attempts, times, cost } = attemptsOf(core, job);
  // As in the original: of a job that failed, what could not be done has failed too, unless it was cancelled.
  const undone = job.state === "failed" && job.cancelled === 0 ? "failed" : "pending";
  return {
    id: job.id,
    owner: job.owner,
    name: job.name,
    target: job.target,
    target_real: getTarget(core, job.target_id).name,
    output_rules: rules.map((rule) =>
      renderRule({
        rule: rule.rule,
        ignore: rule.ignore === 1,
        size_change_ok: rule.size_change_ok === 1,
        require_match: rule.require_match === 1,
      }),
    ),
    tasks: tasks.map((task) => describeTask(task, undone)),
    state: job.state,
    tags: tagsOf(core, job.id),
    cancelled: job.cancelled === 1,
    cost,
    times,
    time_archived: isoOrNull(job.time_archived),
    time_purged: isoOrNull(job.time_purged),
    retries_on_lost_worker: job.retries,
    timeout_seconds: job.timeout_seconds,
    silence_seconds: job.silence_seconds,
    log: job.log_sha256 === null ? null : { count: job.log_count ?? 0, bytes: job.log_bytes ?? 0, sha256: job.log_sha256 },
    attempts,
  };
}

/** All attempts, what their machines cost, and the times of the job: `submit` and `ready` are of the first, the others of the last. */
function attemptsOf(core: Core, job: JobRow) {
  const all = momentsOf(core, job.id);
  const [first, last] = [all[0]?.moments, all.at(-1)?.moments];
  const attempts = all.map(({ number, worker, reason, moments }) => ({
    number,
    worker,
    reason,
    state: number === job.attempt ? job.state : ("failed" as const),
    times: isoTimes(moments),
    phases: phasesOf(moments),
  }));
  const cost = totalCost(all.flatMap(({ machine }) => (machine ? [costOf(core, machine)] : [])));
  return { attempts, cost, times: isoTimes(inOrder({ ...last, submit: first?.submit, ready: first?.ready })) };
}

const rulesOf = (core: Core, job: JobRow) =>
  core.db.query<OutputRuleRow, [string]>("SELECT * FROM output_rule WHERE job = +? ORDER BY seq").all(job.id);

const tasksOf = (core: Core, job: JobRow): Asked["tasks"] =>
  core.db
    .query<TaskRow & { failed: number | null }, [number, string]>(
      `SELECT task.*, failed FROM task LEFT JOIN task_verdict v ON v.job = task.job AND v.seq = task.seq AND v.attempt = +?
       WHERE task.job = +? ORDER BY task.seq`,
    )
    .all(job.attempt, job.id);

/** @param undone how a task without a verdict stands */
const describeTask = (task: Asked["tasks"][number], undone: string): Job["tasks"][number] => ({
  name: task.name,
  script: task.script,
  env_clear: task.env_clear === 1,
  env: JSON.parse(task.env) as Record<string, string>,
  uid: task.uid,
  gid: task.gid,
  workdir: task.workdir,
  timeout_seconds: task.timeout_seconds,
  state: task.failed === null ? undone : task.failed === 1 ? "failed" : "completed",
});

export function tagsOf(core: Core, job: string): Record<string, string> {
  const rows = core.db.query<TagRow, [string]>("SELECT * FROM tag WHERE job = +? ORDER BY name").all(job);
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

export const describeListEntry = ({ id, owner, name, state, cancelled, target, target_id }: JobRow): JobListEntry => ({
  id,
  owner,
  name,
  state,
  cancelled: cancelled === 1,
  target,
  target_id,
});
