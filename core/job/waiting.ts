import { inWords } from "../common/duration.ts";
import type { Core } from "../core.ts";
import { allFactories, offersOf } from "../factory/factory.ts";
import { factoryName } from "../factory/find.ts";
import { isHeld } from "../factory/hold.ts";
import type { FactoryRow } from "../factory/table.ts";
import { getTarget } from "../target/target.ts";
import { getUser } from "../user/user.ts";
import { holder } from "./lease.ts";
import { isLost } from "./lose.ts";
import { makingFailureOf } from "./making-failure.ts";
import { queuedBefore } from "./queue.ts";
import { isFinal, type Job } from "./schema.ts";
import { getJob } from "./state.ts";
import type { DependRow, InputRow, JobRow } from "./table.ts";
import { Turn } from "./turn.ts";
import { workerOf } from "./worker.ts";

/** A factory that was not heard of for so long cannot be counted on: when it works, it calls every twenty seconds. */
const SILENT = 120_000;

/** What a job waits for, in plain words that go on from "it waits for"; empty for one that runs or has ended. */
export function waitingFor(core: Core, job: JobRow): string[] {
  if (job.state === "waiting") return [...missingInputs(core, job.id), ...openDepends(core, job.id)];
  if (job.state === "queued") return forMachine(core, job);
  if (isLost(core, job))
    return [`the machine of worker ${workerOf(core, job)}, which was lost, to be destroyed: only then can it be tried again`];
  return [];
}

/** Of a long list, so many are told what they wait for: the others wait for these. */
const TOLD = 100;

/** Says of the first jobs of a list that have no machine what they wait for. */
export function withWaits(core: Core, jobs: readonly Job[]): Job[] {
  let told = 0;
  return jobs.map((job) => {
    if ((job.state !== "waiting" && job.state !== "queued") || told >= TOLD) return job;
    told++;
    return { ...job, waiting_for: waitingFor(core, getJob(core, job.id)) };
  });
}

const missingInputs = (core: Core, job: string): string[] =>
  core.db
    .query<Pick<InputRow, "name">, [string]>("SELECT name FROM input WHERE job = ? AND file IS NULL ORDER BY name")
    .all(job)
    .map(({ name }) => `input "${name}", which has not been uploaded`);

const openDepends = (core: Core, job: string): string[] =>
  core.db
    .query<Pick<DependRow, "name" | "prior_job">, [string]>(
      "SELECT name, prior_job FROM depend WHERE job = +? AND satisfied = 0 ORDER BY name",
    )
    .all(job)
    .flatMap(({ name, prior_job }) => {
      const { state } = getJob(core, prior_job);
      return isFinal(state) ? [] : [`job ${prior_job} (dependency "${name}"), which is ${state}`];
    });

function forMachine(core: Core, job: JobRow): string[] {
  const maker = holder(core, job.id);
  const failure = makingFailureOf(core, job.id);
  if (maker) return [`factory "${factoryName(core, maker)}", which is making a machine for it${failure ? ` (${failure})` : ""}`];
  const target = `target "${getTarget(core, job.target_id).name}"`;
  const held = isHeld(core) ? ["the end of the hold of all factories, which an operator has set"] : [];
  const obstacles = [...held, ...forFactory(core, job, target), ...forTurn(core, job)];
  const before = queuedBefore(core, job);
  if (before > 0)
    return [...obstacles, `its turn: ${before} ${before === 1 ? "job is" : "jobs are"} before it in the queue for ${target}`];
  if (failure) return [...obstacles, `a machine: ${failure}`];
  return obstacles.length > 0 ? obstacles : [`a machine: it is the next job for ${target}`];
}

/** Nothing when a factory is there that may take the job. */
function forFactory(core: Core, { target_id }: JobRow, target: string): string[] {
  const serving = allFactories(core).filter((factory) => offersOf(factory).includes(target_id));
  if (serving.length === 0) return [`a factory that serves ${target}: none has ever asked for its jobs`];
  const troubles = serving.map((factory) => troubleOf(core, factory));
  return troubles.includes(undefined) ? [] : [`a factory that serves ${target}: ${troubles.join(", ")}`];
}

function troubleOf(core: Core, { name, enable, draining, lastping }: FactoryRow): string | undefined {
  if (draining) return `"${name}" is draining`;
  if (!enable) return `"${name}" is disabled`;
  const silence = core.world.now() - (lastping ?? 0);
  return silence > SILENT ? `"${name}" was last heard of ${inWords(silence)} ago` : undefined;
}

function forTurn(core: Core, job: JobRow): string[] {
  if (new Turn(core).mayRun(job)) return [];
  const { name } = getUser(core, job.owner);
  return [`another job of user "${name}" to end: ${core.config.quota.max_running_jobs} may run at a time`];
}
