import type { WorkerPingTask } from "../core/client/operations.ts";
import { reasonOf } from "../core/common/errors.ts";
import { type Agent, type Job, NOTICES } from "./agent.ts";
import { Background } from "./background.ts";
import { taskEnvironment } from "./environment.ts";
import { Exec, type Exit } from "./exec.ts";
import { withScript } from "./script.ts";

/** How long the end of an output may lag behind the end of the task before it is worth a word, ms. */
const LAG = 5_000;
/** How long a process that the task left behind may keep an output open, ms. */
const PATIENCE = 60_000;
/** Between asking leftovers of a task to end and making them, ms. */
export const GRACE = 1_000;

/**
 * Runs one task to its end, the processes it started included, and tells the core how it went.
 *
 * @returns whether it succeeded
 */
export async function runTask(agent: Agent, job: Job, task: WorkerPingTask): Promise<boolean> {
  job.log.write("task", [`starting task ${task.id}: ${JSON.stringify(task.name)}`], task.id);
  const background = new Background({ exec: agent, log: job.log, task: task.id, halt: job.halt.signal });
  job.running = { task, background };
  const exit = await attempt(agent, job, task);
  job.running = undefined;
  await background.stop();
  if (job.halt.signal.aborted) return false;
  if (exit) {
    const took = exit.time - exit.started;
    job.log.write("task", [`process exited: duration ${took} ms, exit code ${exit.code}`], task.id);
  }
  const failed = exit?.code !== 0;
  await job.log.flush();
  await agent.client.call(
    "worker_task_complete",
    { path: { job: job.id, task: task.id }, body: { failed } },
    { signal: job.halt.signal },
  );
  return !failed;
}

/** Undefined when the task could not even be started. */
async function attempt(agent: Agent, job: Job, task: WorkerPingTask): Promise<(Exit & { started: number }) | undefined> {
  const { id, uid, gid, script } = task;
  try {
    const started = agent.world.now();
    const exit = await withScript(agent, { name: `task-${id}`, text: script, uid, gid }, (file) => run(agent, job, task, file));
    return { ...exit, started };
  } catch (error) {
    job.log.write("agent", [`task ${id} could not be started: ${reasonOf(error)}`], id);
    return undefined;
  }
}

async function run(agent: Agent, job: Job, task: WorkerPingTask, script: string): Promise<Exit> {
  const warn = (text: string) => job.log.write(NOTICES, [text], task.id);
  const exec = new Exec(
    agent,
    {
      argv: ["/bin/bash", script],
      env: taskEnvironment(agent.machine, job.id, task),
      cwd: task.workdir,
      uid: task.uid,
      gid: task.gid,
    },
    {
      lines: (output, lines) => job.log.write(output, lines, task.id),
      broken: (output, reason) => job.log.write("error", [`cannot read ${output} any further: ${reason}`], task.id),
      room: () => job.log.room(),
    },
  );
  const stop = () => void exec.stop(GRACE);
  const { signal } = job.halt;
  signal.addEventListener("abort", stop);
  const exit = await exec.exited;
  if (!(await exec.drained(LAG, signal)) && !signal.aborted) {
    warn(`the task has ended, but something it started still holds its ${exec.open.join(" and ")} open; waiting`);
    if (!(await exec.drained(PATIENCE, signal)) && !signal.aborted) warn(`giving up on ${exec.open.join(" and ")}`);
  }
  signal.removeEventListener("abort", stop);
  if (!(await exec.stop(GRACE))) warn("something the task started cannot be ended, not even by SIGKILL");
  await exec.giveUp();
  if (exit.signal !== undefined) warn(`the task was ended by signal ${exit.signal}`);
  return exit;
}
