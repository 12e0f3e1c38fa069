import type { WorkerPingTask } from "../core/client/operations.ts";
import { reasonOf } from "../core/common/errors.ts";
import { type Agent, type Job, NOTICES } from "./agent.ts";
import { Background } from "./background.ts";
import { taskEnvironment } from "./environment.ts";
import { type Exit, KILLED, type Listener, type Running } from "./exec.ts";
import { verdict } from "./job.ts";
import { withScript } from "./script.ts";
import { OutOfTime, TimeLimit } from "./time-limit.ts";

/** How long the end of an output may lag behind the end of the task before it is worth a word, ms. */
const LAG = 5_000;
/** How long a process that the task left behind may keep an output open, ms. */
const PATIENCE = 60_000;
/** Between asking leftovers of a task to end and making them, ms. */
export const GRACE = 1_000;
/** The same for a task that has broken a limit in time, ms. */
const GRACE_OUT_OF_TIME = 5_000;

/** How a task went. */
interface Outcome {
  /** Undefined when it could not even be started. */
  exit?: Exit & { started: number };
  /** Why it failed, where its exit code does not tell. */
  reason?: string | undefined;
}

/**
 * Runs one task to its end, the processes it started included, and tells the core how it went.
 *
 * @returns whether it succeeded
 */
export async function runTask(agent: Agent, job: Job, task: WorkerPingTask): Promise<boolean> {
  job.log.write("task", [`starting task ${task.id}: ${JSON.stringify(task.name)}`], task.id);
  const limits = limitsOf(agent, job, task);
  const background = new Background({ exec: agent, log: job.log, task: task.id, halt: job.halt.signal, room: limits.room });
  job.running = { task, background };
  const { exit, reason } = await attempt(agent, job, task, limits);
  job.running = undefined;
  await background.stop();
  if (job.halt.signal.aborted) return false;
  if (exit) {
    const took = exit.time - exit.started;
    job.log.write("task", [`process exited: duration ${took} ms, exit code ${exit.code}`], task.id);
  }
  const failed = exit?.code !== 0 || reason !== undefined;
  await job.log.flush();
  await agent.client.call(
    "worker_task_complete",
    { path: { job: job.id, task: task.id }, body: verdict(failed, reason) },
    { signal: job.halt.signal },
  );
  return !failed;
}

/** The limits in time of a running task. */
interface Limits {
  /** Fires, with an `OutOfTime`, when one of them is broken. */
  broken: AbortSignal;
  restart(): void;
  end(): void;
  /** Waits until the log has room for more lines; the task, which must wait too, is not silent by its own choice. */
  room(): Promise<void>;
}

function limitsOf({ world }: Agent, job: Job, { timeout_seconds }: WorkerPingTask): Limits {
  const own = new TimeLimit(world, timeout_seconds, (limit) => `it ran for longer than its limit of ${limit} (timeout_seconds)`);
  const silence = new TimeLimit(world, job.spec.silence_seconds, (limit) => `it printed nothing for ${limit} (silence_seconds)`);
  const both = [own, silence];
  return {
    broken: AbortSignal.any([own.broken, silence.broken, job.time.broken]),
    restart: () => both.forEach((limit) => void limit.restart()),
    end: () => both.forEach((limit) => void limit.end()),
    async room() {
      silence.pause();
      await job.log.room();
      silence.restart();
    },
  };
}

async function attempt(agent: Agent, job: Job, task: WorkerPingTask, limits: Limits): Promise<Outcome> {
  const { id, uid, gid, script } = task;
  try {
    return await withScript(agent, { name: `task-${id}`, text: script, uid, gid }, (file) => run(agent, job, task, limits, file));
  } catch (error) {
    const reason = `it could not be started: ${reasonOf(error)}`;
    job.log.write("agent", [`task ${id}: ${reason}`], id);
    return { reason };
  } finally {
    limits.end();
  }
}

async function run(agent: Agent, job: Job, task: WorkerPingTask, limits: Limits, script: string): Promise<Outcome> {
  const started = agent.world.now();
  const { id, uid, gid } = task;
  const warn = (...lines: string[]) => job.log.write(NOTICES, lines, id);
  const env = taskEnvironment(agent.machine, job.id, task);
  const exec = agent.start(agent, { argv: ["/bin/bash", script], env, cwd: task.workdir, uid, gid }, listenTo(job, task, limits));
  limits.restart();
  const watch = watchOver(agent, job, exec, limits, warn);
  const exit = await Promise.race([exec.exited, watch.unending]);
  limits.end();
  watch.end();
  if (watch.reason === undefined) await waitForLeftovers(job, exec, warn);
  if (!(await exec.stop(GRACE))) warn("something the task started cannot be ended, not even by SIGKILL");
  // What it had to say when it was told to end.
  if (watch.reason !== undefined) await exec.drained(LAG, job.halt.signal);
  await exec.giveUp();
  if (exit.signal !== undefined) warn(`the task was ended by signal ${exit.signal}`);
  return { exit: { ...exit, started }, reason: watch.reason };
}

const listenTo = ({ log }: Job, { id }: WorkerPingTask, { room }: Limits): Listener => ({
  lines: (output, lines) => log.write(output, lines, id),
  broken: (output, reason) => log.write("error", [`cannot read ${output} any further: ${reason}`], id),
  room,
});

interface Watch {
  /** Why the task was ended before its time; undefined when it was not, or when nobody wants to know. */
  reason: string | undefined;
  /** Resolves when not even SIGKILL has ended the task. */
  unending: Promise<Exit>;
  end(): void;
}

/** Ends a running task when its job is halted, or when it breaks a limit: then it is said first what it was at. */
function watchOver(agent: Agent, job: Job, exec: Running, limits: Limits, warn: (...lines: string[]) => void): Watch {
  const { promise: unending, resolve } = Promise.withResolvers<Exit>();
  const halt = job.halt.signal;
  const onHalt = () => void exec.stop(GRACE);
  const onBroken = async () => {
    watch.reason = limits.broken.reason instanceof OutOfTime ? limits.broken.reason.message : "it was ended";
    const processes = [...exec.describe(), ...(job.running?.background.describe() ?? [])];
    warn(`${watch.reason}: the task is ended. Its processes:`, ...processes.map((line) => agent.mask.apply(line)));
    const gone = await exec.stop(GRACE_OUT_OF_TIME);
    if (!gone) resolve({ code: KILLED, signal: undefined, time: agent.world.now() });
  };
  const watch: Watch = {
    reason: undefined,
    unending,
    end() {
      halt.removeEventListener("abort", onHalt);
      limits.broken.removeEventListener("abort", onBroken);
    },
  };
  halt.addEventListener("abort", onHalt);
  limits.broken.addEventListener("abort", onBroken);
  return watch;
}

/** A process that the task left behind may have something to say yet. */
async function waitForLeftovers({ halt: { signal } }: Job, exec: Running, warn: (line: string) => void): Promise<void> {
  if ((await exec.drained(LAG, signal)) || signal.aborted) return;
  warn(`the task has ended, but something it started still holds its ${exec.open.join(" and ")} open; waiting`);
  if (!(await exec.drained(PATIENCE, signal)) && !signal.aborted) warn(`giving up on ${exec.open.join(" and ")}`);
}
