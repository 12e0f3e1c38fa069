import { existsSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { Client } from "../../client/client.ts";
import type { Logger } from "../../common/logger.ts";
import type { World } from "../../common/world.ts";
import { Loop } from "../loop.ts";
import { Cgroups } from "./cgroups.ts";
import { limitsOf, type SandboxConfig } from "./config.ts";
import { describe } from "./describe.ts";
import { openGate } from "./gate.ts";
import { mapOfImage } from "./image.ts";
import { probeOutbound } from "./outbound.ts";
import { probe } from "./probe.ts";
import { Sandbox } from "./sandbox.ts";
import { defaultStateDir, StateDir } from "./state.ts";

export interface SandboxFactoryOptions {
  world: World;
  logger: Logger;
  config: SandboxConfig;
  /** Where factory and agents reach the core. */
  url: string;
  /** The factory's token. */
  token: string;
  /** Path of the compiled agent. */
  agentBinary: string;
  /** What no job may see, whatever its mode: the files of the core and of this factory. They also tell one factory from another. */
  hidden: readonly string[];
}

export interface RunningFactory {
  /** What jobs get here: `namespaces, id range map, host /usr read-only, host network`. */
  description: string;
  /** Rejects when the core refuses the factory for good. */
  failed: Promise<never>;
  /** Destroys all machines, deletes their workers and every file. Resolves when nothing is left. */
  stop(): Promise<void>;
}

/** A box starts in milliseconds; one whose agent is silent for so long hangs. */
const PATIENCE = { grace: 0, boot: 60_000 };
const EVERY = 1000;

/** Starts a factory of sandboxes on this host. @throws CannotIsolate, with what the host refused */
export async function startSandboxFactory(options: SandboxFactoryOptions): Promise<RunningFactory> {
  const { world, logger, config, url, token } = options;
  const sandbox = await openSandbox(options);
  const loop = new Loop({
    world,
    logger,
    client: new Client({ world, url, token, patience: Number.POSITIVE_INFINITY }),
    provider: sandbox,
    targets: Object.keys(config.targets),
    limit: sandbox.limits.slots,
    patience: PATIENCE,
    every: EVERY,
  });
  const details = sandbox.detailsOf(Object.keys(config.targets)[0] ?? "");
  logger.info("sandbox factory ready", { ...details, slots: sandbox.limits.slots });
  return {
    description: details["isolation"] ?? "",
    failed: loop.run().then(() => new Promise<never>(() => {})),
    stop: async () => {
      await loop.stop();
      await sandbox.close();
    },
  };
}

/** Finds out what this host allows, and makes ready for boxes. @throws CannotIsolate, or Error for a config that cannot be used here */
export async function openSandbox(options: SandboxFactoryOptions): Promise<Sandbox> {
  const { config, logger } = options;
  const hidden = options.hidden.map((path) => (existsSync(path) ? realpathSync(path) : resolve(path)));
  const state = new StateDir(config.state_dir ?? defaultStateDir(hidden.join()), logger);
  try {
    const sandbox = await sandboxIn(state, { ...options, hidden });
    await sandbox.open();
    return sandbox;
  } catch (error) {
    state.release();
    throw error;
  }
}

async function sandboxIn(
  state: StateDir,
  { world, logger, config, url, agentBinary, hidden }: SandboxFactoryOptions,
): Promise<Sandbox> {
  const found = await probe(state.stage, Number(Bun.hash(state.path) % 65_536n), config.network !== "host");
  if (config.network === "outbound") await probeOutbound(found.mapOf(0));
  for (const { image } of Object.values(config.targets)) if (image) mapOfImage(image);
  const limits = limitsOf(config);
  // The agent aborts when it can start no thread: its box has room beyond what each user of a task is held to.
  const ceiling = { memory: limits.memory, processes: 2 * limits.processes + 1024 };
  const cgroups = new Cgroups(`buildomat-${Bun.hash(state.path).toString(16)}`, ceiling, logger);
  return new Sandbox({
    world,
    logger,
    config,
    limits,
    state,
    agent: agentBinary,
    url,
    gate: config.network === "host" ? undefined : await openGate(join(state.path, "core.sock"), url),
    cgroups,
    hidden,
    mapOf: (slot, root) => (root === undefined ? found.mapOf(slot) : mapOfImage(root)),
    details: describe({ kind: found.kind, config, limits, cgroups }),
  });
}
