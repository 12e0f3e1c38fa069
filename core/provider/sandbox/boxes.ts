import { type BoxConfig, type BoxStart, SOCKET_IN_BOX } from "../../common/box.ts";
import { reasonOf } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import { type Box, startBox } from "./box.ts";
import type { Cgroups } from "./cgroups.ts";
import type { Limits, SandboxConfig } from "./config.ts";
import { describe } from "./describe.ts";
import type { Gate } from "./gate.ts";
import { mapOfImage } from "./image.ts";
import type { Maker } from "./maker.ts";
import { openOutbound } from "./outbound.ts";
import type { Root } from "./pool.ts";
import type { Found } from "./probe.ts";
import { resolvers } from "./resolvers.ts";
import { Skeletons } from "./skeletons.ts";
import type { StateDir } from "./state.ts";

export interface BoxesOptions {
  logger: Logger;
  config: SandboxConfig;
  limits: Limits;
  state: StateDir;
  /** Path of the agent's binary. */
  agent: string;
  /** Where the agents reach the core. */
  url: string;
  /** PEM of the authority to trust for `url`, where the system does not know it. */
  ca: string | undefined;
  /** The way there, for boxes with a network of their own. */
  gate: Gate | undefined;
  cgroups: Cgroups;
  hidden: readonly string[];
  found: Found;
}

/** Makes boxes: machines of namespaces, each with a fresh root. */
export class Boxes implements Maker {
  readonly #options: BoxesOptions;
  readonly #agent: string;
  readonly #skeletons: Skeletons;
  #prepared: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: BoxesOptions) {
    const { state, hidden } = options;
    this.#options = options;
    this.#agent = state.agent(options.agent);
    this.#skeletons = new Skeletons({ directory: state.skeletons, agent: this.#agent, hidden });
  }

  /** Clears what an earlier factory left, and begins to make the skeletons, so that a slot's first box need not wait for its own. */
  async open(roots: readonly Root[]): Promise<void> {
    await this.#skeletons.removeAll();
    this.#prepared = this.#prepare(roots);
  }

  common(): Omit<BoxStart, "name" | "bootstrap"> {
    const { url, ca, gate, found, limits } = this.#options;
    return {
      baseurl: url,
      single_id: found.kind === "single",
      processes: limits.processes,
      // A box that waited may be older than the host's network.
      resolvers: resolvers(gate !== undefined),
      ...(gate ? { unix: SOCKET_IN_BOX } : {}),
      ...(ca ? { ca } : {}),
    };
  }

  async start(slot: number, root: Root): Promise<Box> {
    const { state, limits, hidden, gate, cgroups } = this.#options;
    const map = this.#mapOf(slot, root);
    const config: BoxConfig = {
      skeleton: await this.#skeletons.get(map, root),
      agent: this.#agent,
      stage: state.stage,
      disk: limits.disk,
      hidden: [...hidden],
      ...(root ? { image: root } : {}),
      ...(gate ? { socket: gate.path } : {}),
    };
    const box = await startBox({ map, config, groups: cgroups.of(slot), born: (pid) => state.note(pid) });
    const forget = () => state.forget(box.pid);
    box.ended.then(forget, forget);
    if (this.#options.config.network === "outbound") await letOut(box);
    return box;
  }

  details(root: Root): Record<string, string> {
    const { found, config, limits, cgroups } = this.#options;
    return describe({ kind: found.kind, config, limits, cgroups, root });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#prepared;
    await this.#skeletons.removeAll();
    await this.#options.gate?.close();
    this.#options.cgroups.remove();
    this.#options.state.remove();
  }

  /** The files of an image belong to ids of its own, those of the host to nobody in any box. */
  #mapOf(slot: number, root: Root) {
    return root === undefined ? this.#options.found.mapOf(slot) : mapOfImage(root);
  }

  /** One after the other, so that jobs have the cores. */
  async #prepare(roots: readonly Root[]): Promise<void> {
    const { logger, limits } = this.#options;
    try {
      for (let slot = 0; slot < limits.slots; slot++)
        for (const root of roots) if (!this.#closed) await this.#skeletons.get(this.#mapOf(slot, root), root);
    } catch (error) {
      logger.warn("could not prepare a slot; its first job will say why", { error: reasonOf(error) });
    }
  }
}

async function letOut(box: Box): Promise<void> {
  try {
    const close = await openOutbound(box.pid);
    box.ended.then(close, close);
  } catch (error) {
    await box.stop();
    throw error;
  }
}
