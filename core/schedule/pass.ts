import { inWords } from "../common/duration.ts";
import { reasonOf } from "../common/errors.ts";
import type { Core } from "../core.ts";
import { changeSoon } from "../db/change.ts";
import { factoryName, getFactory } from "../factory/find.ts";
import { assignJob } from "../job/assign.ts";
import { jobsToWake, wakeIfReady } from "../job/depend.ts";
import { dropLeases } from "../job/lease.ts";
import { dropMakingFailures } from "../job/making-failure.ts";
import { jobsIn, queuedJobs } from "../job/queue.ts";
import { isFinal } from "../job/schema.ts";
import { moveJob, timeOf } from "../job/state.ts";
import type { JobRow } from "../job/table.ts";
import { Turn } from "../job/turn.ts";
import { hadJob, jobOf, lastDeed } from "../job/worker.ts";
import { failWorker } from "../worker/fail.ts";
import { releaseWorker } from "../worker/hold.ts";
import { aliveWorkers, recycleWorker } from "../worker/state.ts";
import type { WorkerRow } from "../worker/table.ts";

/**
 * Looks at everything that is active, once, and does what is due. It can run at any time and any number of times; what it
 * costs depends on active jobs and living workers, never on history. The failure of one item does not touch the others.
 */
export function pass(core: Core): void {
  core.outbox.carry();
  // One transaction for all: many moves at a time need one flush to disk.
  attempt(core, "the pass", () => {
    attempt(core, "leases", () => dropLeases(core));
    attempt(core, "failures to make machines", () => dropMakingFailures(core));
    for (const worker of aliveWorkers(core)) attempt(core, `worker ${worker.id}`, () => checkWorker(core, worker));
    for (const id of jobsToWake(core)) attempt(core, `job ${id}`, () => wakeIfReady(core, id));
    for (const job of jobsIn(core, "running")) attempt(core, `job ${job.id}`, () => checkRuntime(core, job));
    assignFreeWorkers(core);
  });
}

/** What fails is undone and told, and keeps nothing else from being done. Each move says for itself whether it must be flushed. */
function attempt(core: Core, what: string, work: () => void): void {
  try {
    changeSoon(core, work);
  } catch (error) {
    core.logger.error(`scheduling: ${what}: ${reasonOf(error)}`, { error });
  }
}

/** The limits of a worker's life; the first that applies decides. Nothing is done to one that is held. */
function checkWorker(core: Core, worker: WorkerRow): void {
  const { id } = worker;
  if (worker.hold_time !== null) {
    const limit = core.config.schedule.hold_limit * 1000;
    if (core.world.now() - worker.hold_time > limit) releaseWorker(core, id, `held for ${inWords(limit)}`);
    return;
  }
  if (worker.state !== "created" && worker.state !== "online") return;
  const done = whyDone(core, worker);
  const lost = whyLost(core, worker);
  if (done) recycleWorker(core, id, done);
  else if (lost) failWorker(core, id, lost);
}

/** Why a worker is of no more use, or undefined. */
function whyDone(core: Core, worker: WorkerRow): string | undefined {
  const job = jobOf(core, worker.id);
  if (!job) {
    if (getFactory(core, worker.factory).draining) return "its factory is draining";
    return isOver(core, worker.time_online, core.config.schedule.idle_limit) ? "it had no job for too long" : undefined;
  }
  if (!isFinal(job.state)) return undefined;
  if (!worker.diagnostics) return `its job ${job.id} has ended`;
  const { max_runtime } = core.config.job;
  return isOver(core, timeOf(core, job.id, "complete"), max_runtime)
    ? `its diagnostics have not ended within ${inWords(max_runtime * 1000)}`
    : undefined;
}

/** Why a worker must be given up, or undefined. */
function whyLost(core: Core, worker: WorkerRow): string | undefined {
  const { boot_limit, silence_limit, long_poll_silence_limit, restart_grace } = core.config.schedule;
  if (worker.state === "created")
    return isOver(core, worker.time_create, boot_limit)
      ? `its agent was not heard of within ${inWords(boot_limit * 1000)} of its making`
      : undefined;
  if (core.presence.has(worker.id)) return undefined;
  // What the row says of its pings is as of seconds ago, since not each of them is worth a flush to disk.
  const seen = core.presence.lastSeen(worker.id);
  const silence = worker.long_polls || seen !== undefined ? long_poll_silence_limit : silence_limit;
  // A server that was down itself gives everybody the time to call again: their next try may be half a minute away.
  const since = Math.max(worker.lastping ?? 0, seen ?? 0, core.started + restart_grace * 1000);
  return isOver(core, since, silence) ? `its agent has said nothing for more than ${inWords(silence * 1000)}` : undefined;
}

const isOver = (core: Core, since: number | null, seconds: number) => since !== null && core.world.now() - since > seconds * 1000;

/** How much later than the agent, which knows better what the job is at, the core ends a job at its own time limit. Seconds. */
const AGENT_FIRST = 30;

/** A job that runs for too long ends, and its machine with it. */
function checkRuntime(core: Core, job: JobRow): void {
  const assigned = timeOf(core, job.id, "assigned");
  const { max_runtime } = core.config.job;
  const own = job.timeout_seconds ?? Number.POSITIVE_INFINITY;
  const name = own + AGENT_FIRST < max_runtime ? "timeout_seconds" : "max_runtime";
  const limit = Math.min(own + AGENT_FIRST, max_runtime) * 1000;
  if (assigned === null || core.world.now() - assigned <= limit) return;
  const told = inWords(Math.min(own, max_runtime) * 1000);
  moveJob(core, job.id, "fail", `the job ran for longer than the limit of ${told} (${name}); ${lastDeed(core, job)}`);
}

/** Gives queued jobs, oldest first, to workers that wait for one: the newest first, as it will live longest. */
function assignFreeWorkers(core: Core): void {
  const free = Map.groupBy(
    aliveWorkers(core).filter((worker) => worker.state === "online" && worker.hold_time === null && !hadJob(core, worker.id)),
    (worker) => worker.target,
  );
  if (free.size === 0) return;
  const turn = new Turn(core);
  for (const job of [...queuedJobs(core, [...free.keys()])]) {
    const worker = turn.mayRun(job) ? free.get(job.target_id)?.pop() : undefined;
    if (!worker) continue;
    attempt(core, `job ${job.id}`, () => assignJob(core, job.id, worker.id, factoryName(core, worker.factory)));
    turn.took(job);
  }
}
