import type { Client } from "../client/client.ts";
import type { FactoryWorker } from "../client/operations.ts";
import { Bells } from "../common/bells.ts";
import type { Logger } from "../common/logger.ts";
import type { World } from "../common/world.ts";
import { attend } from "./attend.ts";
import { Makings } from "./making.ts";
import type { Machine, Provider } from "./provider.ts";
import type { Action, Patience } from "./reconcile.ts";
import { Targets } from "./targets.ts";
import { RENEW_EVERY, Workers, whatFailed } from "./workers.ts";

export interface LoopOptions {
  world: World;
  logger: Logger;
  /** With the factory's token, and patient for ever with failures that may pass. */
  client: Client;
  provider: Provider;
  /** Names of the targets whose jobs the provider can run. */
  targets: readonly string[];
  /** By name of the target, 0 unless told: jobs of the highest get a machine first. */
  priorities?: Readonly<Record<string, number | undefined>>;
  /** Most machines at once. */
  limit: number;
  patience: Patience;
  /** Machines are looked at when the core has news, and after so many ms without. */
  every: number;
}

const POLL_SECONDS = 20;
/** A factory without room for a lease tells the core every so many ms that it is there. */
const PING_EVERY = 10_000;
const UPKEEP_EVERY = 10_000;
/** How long the core is tried when the factory ends, in ms. */
const FAREWELL = 5000;
/** After these there is more to be seen. */
const CHANGES = new Set<Action>(["associate", "bury", "destroy", "forget"]);

/**
 * One factory: takes leases, makes machines for them, and keeps machines and workers in step, whatever the provider. Each
 * machine is attended on its own, so that one that is slow or fails holds up no other.
 */
export class Loop {
  readonly #options: LoopOptions;
  readonly #workers: Workers;
  readonly #targets: Targets;
  readonly #makings: Makings;
  readonly #bells = new Bells();
  readonly #stopping = new AbortController();
  /** What is being done right now, by the id of the worker (of the machine, where it names none). */
  readonly #attended = new Map<string, Promise<void>>();
  /** Before the provider was asked, there may be any number. */
  #machines = Number.POSITIVE_INFINITY;
  #parts: Promise<unknown> = Promise.resolve();

  constructor(options: LoopOptions) {
    const { world, client, targets, logger, provider } = options;
    this.#options = options;
    this.#workers = new Workers(world, client);
    this.#targets = new Targets(targets, client, logger);
    const done = () => this.#bells.ring("look");
    this.#makings = new Makings({ world, logger, provider, workers: this.#workers, targets: this.#targets, done });
  }

  /** Works until `stop`. Rejects when the core refuses the factory for good, as it does a wrong token. */
  async run(): Promise<void> {
    const parts = [this.#watch(), this.#look(), this.#lease(), this.#keepLeases(), this.#keepUp()].map((part) =>
      part.catch((error) => this.#unlessStopped(error)),
    );
    this.#parts = Promise.allSettled(parts);
    try {
      await Promise.all(parts);
    } finally {
      this.#end();
    }
  }

  /** Leases nothing more, destroys its machines and deletes their workers. Resolves when all are gone. */
  async stop(): Promise<void> {
    await this.leave();
    await this.#drain();
  }

  /** Leases nothing more, and leaves machines and workers to the factory's next start. Resolves when nothing is under way. */
  async leave(): Promise<void> {
    this.#end();
    await this.#parts;
    await this.#makings.settled();
    await Promise.all(this.#attended.values());
  }

  /** Hears from the core what has become of the workers. */
  async #watch(): Promise<void> {
    const { client } = this.#options;
    for (let seen: string | undefined; !this.#stopped; ) {
      const { answer, version } = await client.poll(
        "factory_workers",
        { query: {} },
        { wait: POLL_SECONDS, seen, signal: this.#signal },
      );
      seen = version;
      this.#workers.heard(answer);
      this.#bells.ring("look");
    }
  }

  /** Brings machines and workers into step, again and again. */
  async #look(): Promise<void> {
    while (!this.#stopped) {
      const version = this.#bells.version("look");
      await this.#targets.refresh(this.#signal);
      await this.#pass().catch((error) => this.#options.logger.error("could not look at the machines", whatFailed(error)));
      if (this.#room > 0) this.#bells.ring("room");
      await this.#heardOrLater("look", version, this.#options.every);
    }
  }

  async #pass(): Promise<void> {
    const forgetMade = this.#makings.made();
    const machines = await this.#options.provider.list();
    forgetMade();
    this.#machines = machines.filter(
      ({ worker, state }) => worker !== undefined && (state === "running" || state === "stopped"),
    ).length;
    const named = new Set(machines.map(({ worker }) => worker));
    for (const machine of machines) {
      // A cloud shows machines long after they went, and the core need not be asked about each of them again and again.
      const past = machine.state === "gone" && !(machine.worker !== undefined && this.#workers.has(machine.worker));
      if (!past) this.#attend(machine.worker ?? machine.id, machine, undefined);
    }
    if (this.#makings.recording) return;
    for (const worker of this.#workers.all()) if (!named.has(worker.id)) this.#attend(worker.id, undefined, worker);
  }

  /** Starts to do what is to be done about a machine, or a worker without one, unless that is going on already. */
  #attend(key: string, machine: Machine | undefined, worker: FactoryWorker | undefined): void {
    if (this.#attended.has(key) || this.#makings.has(key)) return;
    const { logger, provider, patience } = this.#options;
    const attending = async () => {
      try {
        const found = machine?.worker ? await this.#workers.find(machine.worker) : worker;
        if (found === "foreign") return;
        const action = await attend({ logger, provider, patience, workers: this.#workers }, machine, found);
        if (CHANGES.has(action)) this.#bells.ring("look");
      } catch (error) {
        logger.error("could not attend to a machine; will try again", {
          machine: machine?.id,
          worker: key,
          ...whatFailed(error),
        });
      }
      this.#attended.delete(key);
    };
    this.#attended.set(key, attending());
  }

  /** Takes leases while there is room for machines. */
  async #lease(): Promise<void> {
    const { client } = this.#options;
    while (!this.#stopped) {
      const version = this.#bells.version("room");
      if (this.#room <= 0) {
        await client.call("factory_ping", {}, { signal: this.#signal });
        await this.#heardOrLater("room", version, Math.min(PING_EVERY, this.#makings.resting.left));
        continue;
      }
      const ready = this.#ready;
      const body = { supported_targets: ready, ...this.#prioritiesOf(ready) };
      // A target that the core learns of later, or that has room again, must not wait for the end of a long poll without it.
      const wait = this.#targets.complete && ready.length === this.#targets.ids.length ? POLL_SECONDS : 1;
      const { answer } = await client.poll("factory_lease", { body, query: {} }, { wait, signal: this.#signal });
      if (answer.lease) this.#makings.start(answer.lease);
    }
  }

  /** Holds the leases of the machines that are being made. */
  async #keepLeases(): Promise<void> {
    while (!this.#stopped) {
      await this.#makings.renew();
      await this.#options.world.sleep(RENEW_EVERY, this.#signal);
    }
  }

  /** Lets the provider see to what it keeps beside the machines of jobs. */
  async #keepUp(): Promise<void> {
    const { provider, client, world, logger } = this.#options;
    while (provider.upkeep && !this.#stopped) {
      const { draining = false } = await client.call("factory_ping", {}, { signal: this.#signal });
      await provider.upkeep({ draining }).catch((error) => logger.error("could not keep up", whatFailed(error)));
      await world.sleep(UPKEEP_EVERY, this.#signal);
    }
  }

  /** How many more machines may be made now. */
  get #room(): number {
    return this.#ready.length === 0 ? 0 : this.#options.limit - this.#machines - this.#makings.size;
  }

  /** Ids of the targets for which the provider could make a machine now. */
  get #ready(): string[] {
    const { provider } = this.#options;
    const rested = this.#targets.ids.filter((id) => !this.#makings.resting.has(id));
    return rested.filter((id) => provider.accepts?.(this.#targets.nameOf(id) ?? "") ?? true);
  }

  /** Left away where all are the same. */
  #prioritiesOf(targets: readonly string[]): { priorities?: Record<string, number> } {
    const { priorities = {} } = this.#options;
    const all = targets.map((id) => [id, priorities[this.#targets.nameOf(id) ?? ""] ?? 0] as const);
    return all.some(([, priority]) => priority !== 0) ? { priorities: Object.fromEntries(all) } : {};
  }

  async #drain(): Promise<void> {
    const { provider, world, every, logger } = this.#options;
    const left = async () => (await provider.list()).filter(({ worker, state }) => worker !== undefined && state !== "gone");
    for (let machines = await left(); machines.length > 0; machines = await left()) {
      const states = await Promise.all(
        machines.map((machine) =>
          provider
            .destroy(machine)
            .catch((error) => logger.error("could not destroy a machine", { machine: machine.id, ...whatFailed(error) })),
        ),
      );
      if (states.some((state) => state !== "gone")) await world.sleep(every);
    }
    await this.#workers
      .forgetAll(FAREWELL)
      .catch((error) => logger.warn("the core could not be told that the machines are gone", whatFailed(error)));
  }

  async #heardOrLater(topic: string, version: number, ms: number): Promise<void> {
    const late = new AbortController();
    const cancel = this.#options.world.after(ms, () => late.abort());
    if (!this.#stopped) await this.#bells.wait(topic, version, late.signal);
    cancel();
  }

  #end(): void {
    this.#stopping.abort();
    for (const topic of ["look", "room"]) this.#bells.ring(topic);
  }

  #unlessStopped(error: unknown): void {
    if (!this.#stopped) throw error;
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  get #signal(): AbortSignal {
    return this.#stopping.signal;
  }
}
