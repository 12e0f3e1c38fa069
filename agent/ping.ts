import type { Client } from "../core/client/client.ts";
import type { WorkerPingResult } from "../core/client/operations.ts";
import { reasonOf } from "../core/common/errors.ts";
import type { Logger } from "../core/common/logger.ts";
import type { World } from "../core/common/world.ts";

export interface PingOptions {
  world: World;
  logger: Logger;
  client: Client;
  /** Ends the pings. */
  signal: AbortSignal;
  /** Told of every answer, before those who wait for it. */
  onAnswer(answer: WorkerPingResult): void;
  /** The core does not know this machine any more; asked again nevertheless. */
  onRefused(reason: string): void;
}

/** Seconds that the core may hold an answer back while there is no news. */
const WAIT = 20;
/** Between two pings that brought nothing new at once, as from a core that does not wait, ms. */
const PAUSE = 1000;
const PAUSE_REFUSED = 10_000;
/** The core misses an agent that is not heard of for half a minute: it must come back soon after a break. */
const BACKOFF = { first: 200, most: 3000 };

/** Asks the core again and again what to do, beside everything else, so that nothing the job does can look like death. */
export class Pings {
  latest: WorkerPingResult | undefined;
  readonly #options: PingOptions;
  #news = Promise.withResolvers<void>();

  constructor(options: PingOptions) {
    this.#options = options;
  }

  /** Resolves with the first answer that `wanted` likes, the latest included; undefined when the signal fires. */
  async until(wanted: (answer: WorkerPingResult) => boolean, signal: AbortSignal): Promise<WorkerPingResult | undefined> {
    const { promise: stopped, resolve } = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => resolve(), { once: true });
    while (!signal.aborted) {
      if (this.latest && wanted(this.latest)) return this.latest;
      await Promise.race([this.#news.promise, stopped]);
    }
    return undefined;
  }

  /** Runs until the signal fires. */
  async run(): Promise<void> {
    const { world, signal } = this.#options;
    for (let seen: string | undefined; !signal.aborted; ) {
      const asked = world.now();
      const before = seen;
      seen = await this.#ask(before);
      if (seen === undefined || (seen === before && world.now() - asked < PAUSE)) await world.sleep(PAUSE, signal);
    }
  }

  async #ask(seen: string | undefined): Promise<string | undefined> {
    const { world, logger, client, signal, onAnswer, onRefused } = this.#options;
    try {
      const { answer, version } = await client.poll("worker_ping", { query: {} }, { wait: WAIT, seen, signal, backoff: BACKOFF });
      this.latest = answer;
      onAnswer(answer);
      this.#news.resolve();
      this.#news = Promise.withResolvers();
      return version;
    } catch (error) {
      if (signal.aborted) return undefined;
      logger.warn("ping refused", { error });
      onRefused(reasonOf(error));
      await world.sleep(PAUSE_REFUSED, signal);
      return undefined;
    }
  }
}
