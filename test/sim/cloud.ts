import { Client } from "../../core/client/client.ts";
import { Loop } from "../../core/provider/loop.ts";
import type { Machine as Listed, MachineState, Order, Provider } from "../../core/provider/provider.ts";
import { Machine } from "./machine.ts";
import { Process } from "./process.ts";
import type { Life } from "./sim.ts";

/** Patience of the factories with their machines, ms, and how many they may have. */
const GRACE = 60_000;
const BOOT = 200_000;
const LIMIT = 3;

/** A place where machines can be had, which knows no more of factories than a real one: they outlive them. */
export class Cloud {
  readonly machines: Machine[] = [];
  readonly #life: Life;

  constructor(life: Life) {
    this.#life = life;
  }

  /** As a factory's process sees it. */
  provider(factory: string, process: Process): Provider {
    const random = process.random;
    const call = async (slowest: number) => {
      await process.world.sleep(random.between(1, slowest));
      if (random.chance(this.#life.climate.providerFails)) throw new Error("the provider has a bad day");
    };
    return {
      list: async () => {
        await call(200);
        const { now } = this.#life.clock;
        const shown = this.machines.filter(
          ({ owner, state, shownFrom }) => owner === factory && state !== "gone" && shownFrom <= now,
        );
        return shown.map(listed);
      },
      create: async (order) => {
        await call(2_000);
        const machine = await this.#make(factory, order, random.chance(0.5));
        try {
          await call(1_000);
          await order.announce({ id: machine.name });
        } catch (error) {
          machine.end("gone");
          throw error;
        }
      },
      destroy: async ({ id }) => {
        await call(1_000);
        const state = this.#destroy(id, random.chance(0.3) ? random.between(1, 10_000) : 0);
        await call(500);
        return state;
      },
      console: async ({ id }) => [`${id}: last words`],
    };
  }

  async #make(owner: string, order: Order, withJob: boolean): Promise<Machine> {
    const { worker, bootstrap } = await order.record({ withJob });
    const name = `m${this.machines.length + 1}`;
    const machine = new Machine(this.#life, { name, worker, job: order.job, owner, bootstrap });
    this.machines.push(machine);
    this.#life.trace(`machine ${name} for worker ${worker}`);
    return machine;
  }

  #destroy(id: string, ms: number): MachineState {
    const machine = this.machines.find(({ name }) => name === id);
    if (!machine || machine.state === "gone") return "gone";
    if (machine.state === "ending") return "ending";
    machine.end(ms > 0 ? "ending" : "gone");
    if (ms > 0) this.#life.clock.after(this.#life.nature, ms, "machine gone", () => machine.end("gone"));
    return machine.state;
  }
}

const listed = ({ name, worker, job, state }: Machine): Listed => ({ id: name, worker, job, state });

/** A factory, started again by its supervisor when it was killed. */
export class Factory {
  readonly name: string;
  readonly #life: Life;
  readonly #token: string;
  process: Process | undefined;
  #starts = 0;

  constructor(life: Life, name: string, token: string) {
    this.name = name;
    this.#life = life;
    this.#token = token;
  }

  start(): void {
    const { clock, network, random, baseurl, cloud } = this.#life;
    const process = new Process({ clock, network, random, name: `${this.name}.${++this.#starts}` });
    this.process = process;
    const { world } = process;
    const loop = new Loop({
      world,
      logger: this.#life.logger(process),
      client: new Client({ world, url: baseurl, token: this.#token, patience: Number.POSITIVE_INFINITY }),
      provider: cloud.provider(this.name, process),
      targets: ["default"],
      limit: LIMIT,
      patience: { grace: GRACE, boot: BOOT },
      every: 10_000,
    });
    loop.run().catch((error: unknown) => {
      if (process.alive) this.#life.fail(`factory ${this.name} has given up`, error);
    });
  }

  /** @param ms until it is started again */
  kill(ms: number): void {
    this.process?.kill();
    this.#life.clock.after(this.#life.nature, ms, "factory again", () => this.start());
  }
}
