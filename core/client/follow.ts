import { backoffFor } from "../common/retry.ts";
import { StreamBroken } from "./body.ts";
import type { Client } from "./client.ts";
import { CallFailed } from "./failure.ts";
import type { Job, JobEvent } from "./operations.ts";
import { serverSentEvents } from "./sse.ts";

/** What happened next: lines of the log, in order and without holes, or another state. */
export type News = { events: JobEvent[] } | { state: string };

export interface FollowOptions {
  /** First event wanted; 1 is the first of the job. */
  from?: number;
  signal?: AbortSignal;
  /** Told of each failure that is tried again, and the wait in ms. */
  onRetry?(error: Error, wait: number): void;
}

/** The log lacks events that were there, or never was whole. */
export class LogHole extends Error {}

const BACKOFF = { first: 200, most: 5000 };

const isOver = (state: string): boolean => state === "completed" || state === "failed" || state === "cancelled";

/**
 * Tells what a job does until it is over: every event from `from` on, once and in order, and each change of state, through
 * dropped connections and restarts of the core.
 *
 * @returns the last state
 * @throws CallFailed when the core says that it will not tell (404, 403 ...); LogHole; the signal's reason
 */
export async function* follow(client: Client, job: string, options: FollowOptions = {}): AsyncGenerator<News, string> {
  const { world } = client.options;
  const follower = new Follower(client, job, options);
  for (let fruitless = 0; ; ) {
    follower.heard = false;
    let failure: Error | undefined;
    try {
      yield* follower.watch();
      yield* follower.look();
      if (follower.done) return follower.state;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof StreamBroken || (error instanceof CallFailed && error.passing))) throw error;
      failure = error;
    }
    fruitless = follower.heard ? 1 : fruitless + 1;
    const wait = backoffFor(world, fruitless, BACKOFF);
    if (failure) options.onRetry?.(failure, wait);
    await world.sleep(wait, options.signal);
    options.signal?.throwIfAborted();
  }
}

class Follower {
  /** The event that is due next. */
  next: number;
  state = "";
  /** The live stream told something. */
  heard = false;
  /** Everything was told. */
  done = false;
  readonly #client: Client;
  readonly #job: string;
  readonly #signal: AbortSignal | undefined;

  constructor(client: Client, job: string, { from = 1, signal }: FollowOptions) {
    this.#client = client;
    this.#job = job;
    this.#signal = signal;
    this.next = Math.max(1, from);
  }

  /** Listens to the live stream until it ends. */
  async *watch(): AsyncGenerator<News> {
    const input = { path: { job: this.#job }, query: { minseq: this.next } };
    const response = await this.#client.call("job_watch", input, { signal: this.#signal, patience: 0 });
    for await (const records of serverSentEvents(this.#client.options.world, response)) {
      let events: JobEvent[] = [];
      for (const { event, data } of records) {
        this.heard ||= event !== "check";
        if (event === "job") {
          const got = JSON.parse(data) as JobEvent;
          if (got.seq > this.next) {
            if (events.length > 0) yield { events };
            events = [];
            yield* this.#fetch(got.seq);
          }
          if (got.seq === this.next) this.#take(events, got);
          continue;
        }
        if (events.length > 0) yield { events };
        events = [];
        if (event === "state") yield* this.#move(data);
        if (event === "complete") this.done = isOver(this.state);
        // The core cannot stream this job now: what is stored will have to do.
        if (event === "complete" || event === "check") return;
      }
      if (events.length > 0) yield { events };
    }
  }

  /** Reads what is stored, and knows then whether that was all. */
  async *look(): AsyncGenerator<News> {
    if (this.done) return;
    const job = await this.#client.call("job_get", { path: { job: this.#job } }, { signal: this.#signal, patience: 0 });
    yield* this.#fetch(Number.POSITIVE_INFINITY);
    yield* this.#move(job.state);
    this.done = isOver(job.state) && this.#toldAll(job);
  }

  /** A core that seals its logs says how many events there are; `null` means not yet. The original never says. */
  #toldAll({ log }: Job): boolean {
    return log === undefined || (log !== null && this.next > log.count);
  }

  /** Pages of stored events up to, but without, event number `end`. */
  async *#fetch(end: number): AsyncGenerator<News> {
    while (this.next < end) {
      const input = { path: { job: this.#job }, query: { minseq: this.next } };
      const page = await this.#client.call("job_events_get", input, { signal: this.#signal, patience: 0 });
      if (page.length === 0 && end === Number.POSITIVE_INFINITY) return;
      if (page.length === 0) throw new StreamBroken(`the core has no event ${this.next} yet, though it sent a later one`);
      const events: JobEvent[] = [];
      for (const event of page) if (event.seq < end) this.#take(events, event);
      yield { events };
    }
  }

  #take(events: JobEvent[], event: JobEvent): void {
    if (event.seq !== this.next) throw new LogHole(`the log of job ${this.#job} has no event ${this.next}`);
    events.push(event);
    this.next++;
  }

  *#move(state: string): Generator<News> {
    if (state === this.state) return;
    this.state = state;
    yield { state };
  }
}
