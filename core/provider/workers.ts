import { decodeTime } from "ulid";
import type { Client } from "../client/client.ts";
import { CallFailed } from "../client/failure.ts";
import type { FactoryWorker } from "../client/operations.ts";
import { reasonOf } from "../common/errors.ts";
import type { World } from "../common/world.ts";
import type { Identity } from "./provider.ts";

/** A lease lasts 60 s at the core. */
export const RENEW_EVERY = 15_000;

/** The workers that the core has of this factory, as far as the loop has heard, and the calls about one of them. */
export class Workers {
  readonly #world: World;
  readonly #client: Client;
  #known = new Map<string, FactoryWorker>();
  /** When the leases of jobs were taken or renewed, ms. */
  readonly #leased = new Map<string, number>();
  /** When this process named their machines, ms. */
  readonly #named = new Map<string, number>();

  constructor(world: World, client: Client) {
    this.#world = world;
    this.#client = client;
  }

  /** What the core's list says now. */
  heard(list: readonly FactoryWorker[]): void {
    this.#known = new Map(list.map((worker) => [worker.id, worker]));
  }

  all(): FactoryWorker[] {
    return [...this.#known.values()];
  }

  /** Whether the last list of the core had it. */
  has(id: string): boolean {
    return this.#known.has(id);
  }

  /**
   * A worker that a machine names. The list may be older than the machine, so one that it lacks is asked for.
   *
   * @returns undefined: unknown or deleted; "foreign": another factory's
   */
  async find(id: string): Promise<FactoryWorker | "foreign" | undefined> {
    const known = this.#known.get(id);
    if (known) return known;
    try {
      return (await this.#client.call("factory_worker_get", { path: { worker: id } })).worker ?? undefined;
    } catch (error) {
      if (error instanceof CallFailed && error.status === 403) return "foreign";
      if (error instanceof CallFailed && error.status === 404) return undefined;
      throw error;
    }
  }

  /** @param job handed to the worker at once */
  async create(target: string, job: string | undefined): Promise<FactoryWorker> {
    const worker = await this.#client.call("factory_worker_create", { body: { target, ...(job ? { job } : {}) } });
    this.#known.set(worker.id, worker);
    return worker;
  }

  async associate(worker: string, { id, ip, metadata, details }: Identity): Promise<void> {
    const body = { private: id, ...(ip ? { ip } : {}), ...(metadata ? { metadata } : {}), ...(details ? { details } : {}) };
    await this.#client.call("factory_worker_associate", { path: { worker }, body });
    this.#named.set(worker, this.#world.now());
    const known = this.#known.get(worker);
    if (known) known.private = id;
  }

  /** @param interrupted who took its machine back, where that is how it went */
  async forget(worker: string, interrupted?: string): Promise<void> {
    await this.#client.call("factory_worker_destroy", { path: { worker }, query: interrupted ? { interrupted } : {} });
    this.#known.delete(worker);
    this.#named.delete(worker);
  }

  /** Deletes every worker that the core has of this factory. @param patience with the core, in ms */
  async forgetAll(patience: number): Promise<void> {
    const all = await this.#client.call("factory_workers", { query: {} }, { patience });
    await Promise.all(
      all.map(({ id }) => this.#client.call("factory_worker_destroy", { path: { worker: id }, query: {} }, { patience })),
    );
  }

  /** The lease of the job was taken a moment ago. */
  leased(job: string): void {
    const now = this.#world.now();
    for (const [known, at] of this.#leased) if (now - at >= RENEW_EVERY) this.#leased.delete(known);
    this.#leased.set(job, now);
  }

  /** Holds the lease of a job until its machine has booted. Whether it still was ours does not matter any more. */
  async renew(job: string): Promise<void> {
    if (this.#world.now() - (this.#leased.get(job) ?? Number.NEGATIVE_INFINITY) < RENEW_EVERY) return;
    this.leased(job);
    await this.#client.call("factory_lease_renew", { path: { job } });
  }

  /** Tells the owner of a job that waits why there is no machine for it yet. */
  async tellFailure(job: string, reason: string): Promise<void> {
    await this.#client.call("factory_lease_failure", { path: { job }, body: { reason: shortened(reason) } });
  }

  /** No machine is being made for the job any more: another factory may have better luck. */
  async giveBack(job: string): Promise<void> {
    this.#leased.delete(job);
    await this.#client.call("factory_lease_give_back", { path: { job } });
  }

  /**
   * Adds lines to the log of the worker's job. They are this factory's first about the worker, and so may be sent again.
   *
   * @param job that the machine was made for; it need not be the worker's yet
   */
  async lastWords(worker: string, job: string | undefined, lines: readonly string[]): Promise<void> {
    const time = new Date(this.#world.now()).toISOString();
    const body = lines.map((payload) => ({ stream: "console", time, payload }));
    if (body.length > 0)
      await this.#client.call("factory_worker_append", { path: { worker }, query: { first: 1, ...(job ? { job } : {}) }, body });
  }

  /** In ms, since its machine was named, or else by the time in its id: a record can be much older than the machine. */
  ageOf(worker: string): number {
    return this.#world.now() - (this.#named.get(worker) ?? decodeTime(worker));
  }
}

/** Some errors bring pages along. */
const shortened = (text: string): string => (text.length <= MOST ? text : `${text.slice(0, MOST)} ...`);
const MOST = 500;

/** What a person should read about a failure that stopped work on one item. */
export const whatFailed = (error: unknown): { error: string; status?: number } => ({
  error: reasonOf(error),
  ...(error instanceof CallFailed && error.status !== undefined ? { status: error.status } : {}),
});
