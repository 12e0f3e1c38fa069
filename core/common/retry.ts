import type { World } from "./world.ts";

/** Waits between tries: doubling from `first`, never over `most`, each taken at random from its upper half. Milliseconds. */
export interface Backoff {
  first: number;
  most: number;
}

export const BACKOFF: Backoff = { first: 200, most: 30_000 };

/** How long to wait before try number `tries + 1`, when `tries` have failed. */
export function backoffFor(world: World, tries: number, { first, most }: Backoff = BACKOFF): number {
  const full = Math.min(most, first * 2 ** Math.min(tries - 1, 30));
  const [byte = 0] = world.random(1);
  return Math.round(full * (0.5 + byte / 510));
}

export interface RetryOptions {
  /** Whether another try can help. */
  retryable(error: unknown): boolean;
  /** Give up after this many milliseconds in all; the last error is thrown. */
  patience?: number;
  backoff?: Backoff;
  signal?: AbortSignal | undefined;
  /** Told of each failure that will be tried again, and the wait in ms. */
  onRetry?(error: unknown, wait: number, tries: number): void;
}

/** Does `work` until it succeeds, fails for good, patience runs out or the signal fires. Throws the error of the last try. */
export async function retry<T>(world: World, work: (tries: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const end = world.now() + (options.patience ?? Number.POSITIVE_INFINITY);
  for (let tries = 1; ; tries++) {
    try {
      return await work(tries);
    } catch (error) {
      const wait = backoffFor(world, tries, options.backoff);
      if (!options.retryable(error) || options.signal?.aborted || world.now() + wait > end) throw error;
      options.onRetry?.(error, wait, tries);
      await world.sleep(wait, options.signal);
      if (options.signal?.aborted) throw error;
    }
  }
}
