import { existsSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { Client } from "../../client/client.ts";
import type { CallFailed } from "../../client/failure.ts";
import type { Logger } from "../../common/logger.ts";
import type { World } from "../../common/world.ts";
import { Loop } from "../loop.ts";
import { prioritiesOf } from "../priority.ts";
import type { RunningFactory } from "../running.ts";
import { Boxes } from "./boxes.ts";
import { Cgroups } from "./cgroups.ts";
import { type Limits, limitsOf, type SandboxConfig } from "./config.ts";
import { openGate } from "./gate.ts";
import { mapOfImage } from "./image.ts";
import type { Maker } from "./maker.ts";
import { probeOutbound } from "./outbound.ts";
import { plainProcesses } from "./plain.ts";
import { probe, probeUsr } from "./probe.ts";
import { rootsOf, Sandbox } from "./sandbox.ts";
import { defaultStateDir, StateDir } from "./state.ts";

export interface SandboxFactoryOptions {
  world: World;
  logger: Logger;
  config: SandboxConfig;
  /** Where factory and agents reach the core. */
  url: string;
  /** PEM of the authority to trust for `url`, where the system does not know it. */
  ca?: string | undefined;
  /** The factory's token. */
  token: string;
  /** Gets another one where it is refused; without it, the factory ends then. */
  renew?: () => string;
  /** Path of the compiled agent. */
  agentBinary: string;
  /** What no job may see, whatever its mode: the files of the core and of this factory. They also tell one factory from another. */
  hidden: readonly string[];
  /** Tells it from other factories of the same program. */
  name?: string;
}

/** A box starts in milliseconds; one whose agent is silent for so long hangs. */
const PATIENCE = { grace: 0, boot: 60_000 };
const EVERY = 1000;

/** Starts a factory of sandboxes on this host. @throws CannotIsolate, with what the host refused */
export async function startSandboxFactory(options: SandboxFactoryOptions): Promise<RunningFactory> {
  const { world, logger, config, url, token, renew, ca } = options;
  const sandbox = await openSandbox(options);
  const targets = Object.keys(config.targets);
  const onRetry = (error: CallFailed, wait: number) =>
    logger.warn("the core does not answer; trying again", { error: error.message, wait });
  const loop = new Loop({
    world,
    logger,
    client: new Client({ world, url, token, renew, patience: Number.POSITIVE_INFINITY, onRetry, ...(ca ? { ca } : {}) }),
    provider: sandbox,
    targets,
    priorities: prioritiesOf(config.targets),
    limit: sandbox.slots,
    patience: PATIENCE,
    every: EVERY,
  });
  const details = sandbox.details(targets[0] ?? "");
  logger.info("sandbox factory ready", { slots: sandbox.slots, details });
  return {
    description: details["isolation"] ?? "",
    failed: loop.run().then(() => new Promise<never>(() => {})),
    stop: async () => {
      await loop.stop();
      await sandbox.close();
    },
  };
}

async function openSandbox(options: SandboxFactoryOptions): Promise<Sandbox> {
  const { world, logger, config } = options;
  const limits = limitsOf(config);
  if (config.isolation === "process") {
    logger.warn('jobs run WITHOUT isolation, as sandbox.isolation = "process" asks');
    return new Sandbox({ world, logger, config: { ...config, warm: 0 }, slots: 1, maker: plainProcesses(options, limits) });
  }
  return new Sandbox({ world, logger, config, slots: limits.slots, maker: await openBoxes(options, limits) });
}

/** Finds out what this host allows, and makes ready for boxes. @throws CannotIsolate, or Error for a config that cannot be used here */
async function openBoxes(options: SandboxFactoryOptions, limits: Limits): Promise<Maker> {
  const { config, logger } = options;
  const hidden = options.hidden.map((path) => (existsSync(path) ? realpathSync(path) : resolve(path)));
  const state = new StateDir(
    config.state_dir ?? defaultStateDir([...hidden, ...(options.name ? [options.name] : [])].join()),
    logger,
  );
  try {
    return await boxesIn(state, { ...options, hidden }, limits);
  } catch (error) {
    state.release();
    throw error;
  }
}

async function boxesIn(state: StateDir, options: SandboxFactoryOptions, limits: Limits): Promise<Boxes> {
  const { logger, config, url, ca, agentBinary, hidden } = options;
  const found = await probe(state.stage, Number(Bun.hash(state.path) % 65_536n), config.network !== "host");
  if (found.refused.length > 0) logger.info("a stronger isolation is not possible here", { refused: found.refused.join("; ") });
  if (config.network === "outbound") await probeOutbound(found.mapOf(0));
  const roots = rootsOf(config);
  for (const root of roots) if (root !== undefined) mapOfImage(root);
  if (roots.includes(undefined)) await probeUsr(found.mapOf(0), state.stage);
  // The agent aborts when it can start no thread: its box has room beyond what each user of a task is held to.
  const ceiling = { memory: limits.memory, processes: 2 * limits.processes + 1024 };
  const cgroups = new Cgroups(`buildomat-${Bun.hash(state.path).toString(16)}`, ceiling, logger);
  const gate = config.network === "host" ? undefined : await openGate(join(state.path, "core.sock"), url);
  const boxes = new Boxes({ logger, config, limits, state, agent: agentBinary, url, ca, gate, cgroups, hidden, found });
  await boxes.open(roots);
  return boxes;
}
