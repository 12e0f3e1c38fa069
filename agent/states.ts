import { CallFailed } from "../core/client/failure.ts";
import { reasonOf } from "../core/common/errors.ts";
import type { Agent, Job } from "./agent.ts";
import { diagnose } from "./diagnostics.ts";
import { downloadInputs } from "./download.ts";
import { adopt, verdict } from "./job.ts";
import { runTask } from "./task.ts";
import { OutOfTime } from "./time-limit.ts";
import { uploadOutputs } from "./upload.ts";

export type State =
  /** Waits for a job. */
  | "ready"
  /** Looks at its machine before it takes one. */
  | "check"
  | "download"
  | "tasks"
  | "upload"
  | "complete"
  /** Looks at its machine after the job. */
  | "review"
  /** An earlier process of the agent took the job and died. */
  | "orphaned"
  /** There is nothing left to do. */
  | "idle";

/** What the agent does in each state, and which state follows. */
export const steps: Record<State, (agent: Agent) => Promise<State>> = {
  ready,
  check,
  download: withJob(download),
  tasks: withJob(tasks),
  upload: withJob(upload),
  complete: withJob(complete),
  review,
  orphaned: (agent) => breakDown(agent, new Error("the agent was restarted while its job was running")),
  idle,
};

const OF_JOB = new Set<State>(["download", "tasks", "upload", "complete"]);

/** Whether the state ends with its job. */
export const isOfJob = (state: State): boolean => OF_JOB.has(state);

/** How long a job's end may be refused because the core is not through with its files, ms. */
const COMMITS_PENDING = 60_000;

async function ready(agent: Agent): Promise<State> {
  const toCheck = () => !agent.checked && Boolean(agent.metadata.current?.pre_job_diagnostic_script);
  const answer = await agent.pings.until(({ poweroff, job }) => !poweroff && (toCheck() || Boolean(job)), agent.shutdown);
  if (toCheck()) return "check";
  if (!answer?.job) return "idle";
  agent.job = adopt(agent, answer.job);
  return "download";
}

async function check(agent: Agent): Promise<State> {
  agent.checked = true;
  const script = agent.metadata.current?.pre_job_diagnostic_script ?? "";
  const { reason } = await diagnose(agent, "pre", script);
  return reason === undefined ? "ready" : await breakDown(agent, new Error(reason));
}

async function download(agent: Agent, job: Job): Promise<State> {
  await job.secrets.learn(job.spec.secrets ?? []);
  const problem = await downloadInputs(agent, job);
  if (problem !== undefined) fail(job, problem);
  return job.failed ? "complete" : "tasks";
}

async function tasks(agent: Agent, job: Job): Promise<State> {
  for (const task of job.spec.tasks) {
    if (job.failed || job.time.broken.aborted || job.halt.signal.aborted) break;
    job.failed = !(await runTask(agent, job, task));
  }
  const outOfTime: unknown = job.time.broken.reason;
  if (outOfTime instanceof OutOfTime) fail(job, outOfTime.message);
  return "upload";
}

/** The first reason is the one that counts. */
function fail(job: Job, reason: string): void {
  job.failed = true;
  job.reason ??= reason;
}

/** Also after a failure: what a failed job leaves may show why. */
async function upload(agent: Agent, job: Job): Promise<State> {
  const problem = await uploadOutputs(agent, job);
  if (problem !== undefined) fail(job, problem);
  return "complete";
}

async function complete(agent: Agent, job: Job): Promise<State> {
  const { client, world } = agent;
  job.time.end();
  await job.log.flush();
  await agent.review;
  const end = world.now() + COMMITS_PENDING;
  await client.call(
    "worker_job_complete",
    { path: { job: job.id }, body: verdict(job.failed, job.reason) },
    { signal: job.halt.signal, alsoRetry: ({ status }) => status === 409 && world.now() < end },
  );
  job.over = true;
  return agent.review === undefined ? "idle" : "review";
}

async function review(agent: Agent): Promise<State> {
  const script = agent.metadata.current?.post_job_diagnostic_script ?? "";
  const { fault } = await diagnose(agent, "post", script);
  await agent.client.call("worker_diagnostics_complete", { body: { hold: fault } }, { signal: agent.shutdown });
  return "idle";
}

async function idle({ shutdown }: Agent): Promise<State> {
  if (!shutdown.aborted) await new Promise((resolve) => shutdown.addEventListener("abort", resolve, { once: true }));
  return "idle";
}

/** Tells the core that this machine cannot do what it is for, and why: the last thing, for it ends the job and its log. */
export async function breakDown(agent: Agent, reason: unknown): Promise<State> {
  await agent.job?.log.flush();
  try {
    await agent.client.call("worker_fail", { body: { reason: reasonOf(reason) } }, { signal: agent.shutdown });
    if (agent.job) agent.job.over = true;
  } catch (error) {
    // Refused: an operator holds this machine already, or the core has let it go.
    if (!agent.shutdown.aborted && !(error instanceof CallFailed)) throw error;
    agent.logger.warn("the failure of this machine could not be reported", { error });
  }
  return "idle";
}

function withJob(work: (agent: Agent, job: Job) => Promise<State>): (agent: Agent) => Promise<State> {
  return async (agent) => {
    if (!agent.job) throw new Error("there is no job to work on");
    return await work(agent, agent.job);
  };
}
