import { mkdirSync } from "node:fs";
import { Client } from "../core/client/client.ts";
import { CallFailed } from "../core/client/failure.ts";
import type { WorkerPingResult } from "../core/client/operations.ts";
import type { Logger } from "../core/common/logger.ts";
import { Mask } from "../core/common/mask.ts";
import type { World } from "../core/common/world.ts";
import type { Agent } from "./agent.ts";
import { bootstrap } from "./bootstrap.ts";
import type { AgentConfig } from "./config.ts";
import { serveControl } from "./control/server.ts";
import { thisMachine } from "./environment.ts";
import { EventLog } from "./events.ts";
import { type Limits, type Start, startCommand } from "./exec.ts";
import { watchForNotice } from "./interruption.ts";
import { Halted, hadAJob } from "./job.ts";
import { hasLocale } from "./libc.ts";
import { FactoryMetadata } from "./metadata.ts";
import type { Paths } from "./paths.ts";
import { Pings } from "./ping.ts";
import { breakDown, isOfJob, type State, steps } from "./states.ts";

export interface AgentOptions {
  world: World;
  logger: Logger;
  config: AgentConfig;
  paths: Paths;
  limits: Limits;
  /** Socket through which the core is reached, where the machine has no network of its own. */
  unix?: string | undefined;
  /** PEM of the authority to trust for the core, where the system does not know it. */
  ca?: string | undefined;
  /** How it starts commands, and how these reach it: as processes and through a socket, unless told. */
  start?: Start;
  control?: typeof serveControl;
  /** Asks the agent to stop what runs, hand over what it holds, and end. */
  shutdown: AbortSignal;
}

/** How long a stopping agent waits for what it is at to end, which a core that is not there holds up, ms. */
const PATIENCE = 10_000;
/** How long it tries then to hand over the events that it holds, ms. */
const DRAIN = 10_000;

/**
 * The agent's life, from its first word to the core until `shutdown` fires: one job at most, then it waits for its machine
 * to be taken away.
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { paths, shutdown, logger } = options;
  mkdirSync(paths.input, { recursive: true });
  const agent = makeAgent(options);
  const worker = await bootstrap(agent, options.config);
  if (worker === undefined) return;
  logger.info("bootstrapped", { worker });
  const control = (options.control ?? serveControl)(agent);
  const pinging = agent.pings.run();
  // Without pings the core would take the machine for lost: better it ends with a word.
  const crashed = pinging.then(() => new Promise<never>(() => {}));
  const overdue = untilOverdue(options);
  try {
    let state: State = hadAJob(paths) ? "orphaned" : "ready";
    while (!shutdown.aborted) {
      const next: State = await Promise.race([step(agent, state), crashed, overdue]);
      logger.debug("state", { from: state, to: next });
      state = next;
    }
    await pinging;
    await handOver(agent);
  } finally {
    control.stop();
  }
}

/** Resolves when a step that has not ended since the agent was told to stop is waited for no longer. */
async function untilOverdue({ shutdown, world }: AgentOptions): Promise<State> {
  await new Promise((resolve) => shutdown.addEventListener("abort", resolve, { once: true }));
  await world.sleep(PATIENCE);
  return "idle";
}

/** One step. What the core refuses ends the job, and a halted job goes no further; any other error breaks the machine. */
async function step(agent: Agent, state: State): Promise<State> {
  try {
    const next = await steps[state](agent);
    if (!agent.job?.halt.signal.aborted || !isOfJob(state)) return next;
  } catch (error) {
    if (agent.shutdown.aborted) return "idle";
    agent.logger.error("cannot go on", { state, error });
    if (!agent.job) return await breakDown(agent, error);
    agent.job.halt.abort(error);
  }
  return await settleHalted(agent);
}

/** Statuses by which the core says that it has no more use for this job, or for this machine. */
const OVER = new Set([401, 403, 404, 409]);

/** A halted job is over for the core as well, unless something here went wrong: then the core is told. */
async function settleHalted(agent: Agent): Promise<State> {
  const reason: unknown = agent.job?.halt.signal.reason;
  agent.logger.info("job halted", { reason });
  const known =
    reason instanceof Halted || (reason instanceof CallFailed && reason.status !== undefined && OVER.has(reason.status));
  if (!known) return await breakDown(agent, reason);
  if (agent.job && !agent.shutdown.aborted) agent.job.over = true;
  return "idle";
}

function makeAgent({ world, logger, config, paths, limits, unix, ca, shutdown, start }: AgentOptions): Agent {
  const client = new Client({
    world,
    url: config.baseurl,
    token: config.token,
    patience: Number.POSITIVE_INFINITY,
    onRetry: (error, wait, tries) => logger.warn("will try again", { error, wait, tries }),
    ...(unix ? { unix } : {}),
    ...(ca ? { ca } : {}),
  });
  const pings = new Pings({
    world,
    logger,
    client,
    signal: shutdown,
    onAnswer: (answer) => hear(agent, answer),
    onRefused: (reason) => agent.job?.halt.abort(new Halted(`the core does not know this machine: ${reason}`)),
  });
  const agent: Agent = {
    world,
    logger,
    client,
    paths,
    limits,
    pings,
    shutdown,
    machine: thisMachine(hasLocale),
    mask: new Mask(),
    start: start ?? startCommand,
    log: new EventLog({
      world,
      logger,
      resumed: true,
      append: async (body, first) => (await client.call("worker_append", { query: { first }, body }))?.next,
      onRefused: (error) => logger.error("the core takes no more events of this machine", { error }),
    }),
    metadata: new FactoryMetadata(paths, logger),
    job: undefined,
    checked: false,
    review: undefined,
    watch: undefined,
  };
  shutdown.addEventListener("abort", () => agent.job?.halt.abort(new Halted("the agent was told to stop")));
  return agent;
}

/** What an answer of the core changes at once, whatever the agent is doing. */
function hear(agent: Agent, answer: WorkerPingResult): void {
  const { job } = agent;
  agent.metadata.update(answer.factory_metadata);
  if (agent.metadata.current?.post_job_diagnostic_script) agent.review ??= announceReview(agent);
  const notices = agent.metadata.current?.interruption_notices;
  if (notices) agent.watch ??= watchForNotice(agent, notices);
  if (answer.poweroff) job?.halt.abort(new Halted("this machine is being taken away"));
  if (job && answer.job?.secrets) void job.secrets.learn(answer.job.secrets);
}

/** Has the core leave this machine alone after its job, until it has looked at itself. */
const announceReview = ({ client, logger }: Agent): Promise<void> =>
  client.call("worker_diagnostics_enable", {}).catch((error: unknown) => logger.error("cannot announce diagnostics", { error }));

/** What is still held goes to the core before the agent ends; a job that was cut short is given up with a reason. */
async function handOver({ job, log, client, logger, world }: Agent): Promise<void> {
  await Promise.race([Promise.all([log.flush(), job?.log.flush()]), world.sleep(DRAIN)]);
  if (!job || job.over) return;
  const reason = "the agent was told to stop while the job was running";
  await client
    .call("worker_fail", { body: { reason } }, { patience: DRAIN })
    .catch((error: unknown) => logger.error("cannot report the end of the job", { error }));
}
