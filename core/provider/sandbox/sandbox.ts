import type { Logger } from "../../common/logger.ts";
import type { World } from "../../common/world.ts";
import type { Machine, MachineState, Order, Provider } from "../provider.ts";
import type { Box } from "./box.ts";
import type { SandboxConfig } from "./config.ts";
import type { Maker } from "./maker.ts";
import { Pool, type Root } from "./pool.ts";

interface SandboxOptions {
  world: World;
  logger: Logger;
  config: SandboxConfig;
  /** Boxes at work at once. */
  slots: number;
  maker: Maker;
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
  readonly slots: number;
  readonly #options: SandboxOptions;
  readonly #pool: Pool<Box>;
  readonly #living = new Map<string, Living>();
  #refill: (() => void) | undefined;

  constructor(options: SandboxOptions) {
    const { config, logger, slots, maker } = options;
    this.#options = options;
    this.slots = slots;
    const start = (slot: number, root: Root) => maker.start(slot, root);
    this.#pool = new Pool({ slots, warm: config.warm, roots: rootsOf(config), logger, start });
    this.#pool.fill();
  }

  async list(): Promise<Machine[]> {
    return [...this.#living.values()].map(({ machine, box }) => ({
      ...machine,
      state: box.code === undefined ? "running" : "stopped",
    }));
  }

  async create(order: Order): Promise<void> {
    const { maker } = this.#options;
    const { slot, box } = await this.#pool.take(this.#rootOf(order.target));
    this.#refillSoon();
    try {
      const { worker, bootstrap } = await order.record({ withJob: true });
      const name = worker.toLowerCase();
      const machine: Machine = {
        id: `box-${name}`,
        worker,
        job: order.job,
        state: "running",
        details: this.details(order.target),
      };
      await order.announce(machine);
      box.go({ ...maker.common(), name: `w-${name}`, bootstrap });
      this.#living.set(machine.id, { machine, slot, box });
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
    this.#refill?.();
    await this.#pool.close();
    await Promise.all([...this.#living.values()].map(({ machine }) => this.destroy(machine)));
    await this.#options.maker.close();
  }

  /** What people should know about the machines of a target. */
  details(target: string): Record<string, string> {
    return this.#options.maker.details(this.#rootOf(target));
  }

  #rootOf(target: string): Root {
    return this.#options.config.targets[target]?.image;
  }

  async #end(slot: number, box: Box): Promise<void> {
    await box.stop();
    this.#pool.giveBack(slot);
    this.#refillSoon();
  }

  #refillSoon(): void {
    this.#refill?.();
    this.#refill = this.#options.world.after(REFILL_AFTER, () => this.#pool.fill());
  }
}

/** What the boxes of all targets are made of, each once. */
export const rootsOf = (config: SandboxConfig): Root[] => [...new Set(Object.values(config.targets).map(({ image }) => image))];
