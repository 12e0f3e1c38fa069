import { type BoxConfig, type BoxStart, SOCKET_IN_BOX } from "../../common/box.ts";
import type { Logger } from "../../common/logger.ts";
import type { World } from "../../common/world.ts";
import type { Machine, MachineState, Order, Provider } from "../provider.ts";
import { Box } from "./box.ts";
import type { Cgroups } from "./cgroups.ts";
import type { Limits, SandboxConfig } from "./config.ts";
import { withRoot } from "./describe.ts";
import type { Gate } from "./gate.ts";
import type { IdMap } from "./map.ts";
import { openOutbound } from "./outbound.ts";
import { Pool, type Root } from "./pool.ts";
import { Skeletons } from "./skeletons.ts";
import type { StateDir } from "./state.ts";

export interface SandboxOptions {
  world: World;
  logger: Logger;
  config: SandboxConfig;
  limits: Limits;
  state: StateDir;
  /** Path of the agent's binary. */
  agent: string;
  /** Where the agents reach the core. */
  url: string;
  /** The way there, for boxes with a network of their own. */
  gate: Gate | undefined;
  cgroups: Cgroups;
  hidden: readonly string[];
  /** The ids of a slot's box with that root. */
  mapOf(slot: number, root: Root): IdMap;
  /** What holds for every box here: see `Identity`. */
  details: Record<string, string>;
}

interface Living {
  machine: Machine;
  slot: number;
  box: Box;
  ending?: Promise<void>;
}

/** A waiting box is made again a little after one was taken, so that it does not compete with the job's first steps. */
const REFILL_AFTER = 100;

/** Machines made of namespaces on this host; see docs/sandbox.md. They live no longer than this process. */
export class Sandbox implements Provider {
  readonly limits: Limits;
  readonly #options: SandboxOptions;
  readonly #agent: string;
  readonly #skeletons: Skeletons;
  readonly #roots: readonly Root[];
  readonly #pool: Pool;
  readonly #living = new Map<string, Living>();
  #refill: (() => void) | undefined;
  #prepared: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.limits = options.limits;
    const { state, hidden, limits, config, logger } = options;
    this.#agent = state.agent(options.agent);
    this.#skeletons = new Skeletons({ directory: state.skeletons, agent: this.#agent, hidden });
    this.#roots = [...new Set(Object.values(config.targets).map(({ image }) => image))];
    this.#pool = new Pool({
      slots: limits.slots,
      warm: config.warm,
      roots: this.#roots,
      logger,
      start: (slot, root) => this.#start(slot, root),
    });
  }

  /** Clears what an earlier factory left, and prepares the first boxes. */
  async open(): Promise<void> {
    await this.#skeletons.removeAll();
    this.#pool.fill();
    this.#prepared = this.#prepare();
  }

  async list(): Promise<Machine[]> {
    return [...this.#living.values()].map(({ machine, box }) => ({
      ...machine,
      state: box.code === undefined ? machine.state : "stopped",
    }));
  }

  async create(order: Order): Promise<void> {
    const placed = await this.#pool.take(this.#rootOf(order.target));
    this.#refillSoon();
    const { slot, box } = placed;
    try {
      const { worker, bootstrap } = await order.record({ withJob: true });
      const machine: Machine = {
        id: `box-${worker.toLowerCase()}`,
        worker,
        job: order.job,
        state: "running",
        details: this.detailsOf(order.target),
      };
      await order.announce(machine);
      this.#living.set(machine.id, { machine, slot, box });
      box.go(this.#startOf(worker, bootstrap));
    } catch (error) {
      // The loop finds the worker's record, if there is one, without a machine.
      await this.#end(slot, box);
      throw error;
    }
  }

  async destroy({ id }: Machine): Promise<MachineState> {
    const living = this.#living.get(id);
    if (!living) return "gone";
    living.ending ??= this.#end(living.slot, living.box);
    await living.ending;
    this.#living.delete(id);
    return "gone";
  }

  async console({ id }: Machine): Promise<string[]> {
    return this.#living.get(id)?.box.words ?? [];
  }

  /** Ends every box and deletes every file. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#refill?.();
    await this.#pool.close();
    await this.#prepared;
    await Promise.all([...this.#living.values()].map(({ machine }) => this.destroy(machine)));
    await this.#skeletons.removeAll();
    await this.#options.gate?.close();
    this.#options.cgroups.remove();
    this.#options.state.remove();
  }

  /** What people should know about the machines of a target. */
  detailsOf(target: string): Record<string, string> {
    return withRoot(this.#options.details, this.#options.mapOf(0, undefined).kind, this.#rootOf(target));
  }

  #rootOf(target: string): Root {
    return this.#options.config.targets[target]?.image;
  }

  async #end(slot: number, box: Box): Promise<void> {
    await box.stop();
    this.#pool.giveBack(slot);
    this.#refillSoon();
  }

  async #start(slot: number, root: Root): Promise<Box> {
    const { state, limits, hidden, mapOf, gate, cgroups } = this.#options;
    const map = mapOf(slot, root);
    const config: BoxConfig = {
      skeleton: await this.#skeletons.get(map, root),
      agent: this.#agent,
      stage: state.stage,
      disk: limits.disk,
      hidden: [...hidden],
      ...(root ? { image: root } : {}),
      ...(gate ? { socket: gate.path } : {}),
    };
    const confine = (pid: number) => {
      state.note(pid);
      cgroups.confine(slot, pid);
    };
    const box = await Box.start({ map, config, confine });
    const forget = () => state.forget(box.pid);
    box.ended.then(forget, forget);
    if (this.#options.config.network === "outbound") await letOut(box);
    return box;
  }

  /** One after the other, so that jobs have the cores: a slot's first box need not wait for its skeleton. */
  async #prepare(): Promise<void> {
    const { logger, limits, mapOf } = this.#options;
    try {
      for (let slot = 0; slot < limits.slots; slot++)
        for (const root of this.#roots) if (!this.#closed) await this.#skeletons.get(mapOf(slot, root), root);
    } catch (error) {
      logger.warn("could not prepare a slot; its first job will say why", { error });
    }
  }

  #startOf(worker: string, bootstrap: string): BoxStart {
    const { url, gate, limits, mapOf } = this.#options;
    return {
      name: `w-${worker.toLowerCase()}`,
      baseurl: url,
      bootstrap,
      single_id: mapOf(0, undefined).kind === "single",
      ...(gate ? { unix: SOCKET_IN_BOX } : {}),
      processes: limits.processes,
    };
  }

  #refillSoon(): void {
    this.#refill?.();
    this.#refill = this.#options.world.after(REFILL_AFTER, () => this.#pool.fill());
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
