import { inWords } from "../core/common/duration.ts";
import type { World } from "../core/common/world.ts";

/** A limit in time was broken; the message names it, for the owner of the job. */
export class OutOfTime extends Error {}

/** Longest that a timer can wait, ms: some 25 days. A longer limit is the core's affair alone. */
const LONGEST = 2 ** 31 - 1;

/** A limit in time, which counts from `restart` until `pause` or `end`. */
export class TimeLimit {
  readonly #world: World;
  readonly #ms: number | undefined;
  readonly #reason: (limit: string) => string;
  readonly #broken = new AbortController();
  #cancel = () => {};
  #ended = false;

  /**
   * @param seconds no limit where there is no number
   * @param reason what is said of it when it is broken
   */
  constructor(world: World, seconds: number | null | undefined, reason: (limit: string) => string) {
    const ms = (seconds ?? Number.POSITIVE_INFINITY) * 1000;
    this.#world = world;
    this.#ms = ms > LONGEST ? undefined : ms;
    this.#reason = reason;
  }

  /** Fires, with an `OutOfTime`, when the limit is broken. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** Counts from now on. */
  restart(): void {
    this.#cancel();
    const ms = this.#ms;
    if (ms === undefined || this.#ended) return;
    this.#cancel = this.#world.after(ms, () => this.#broken.abort(new OutOfTime(this.#reason(inWords(ms)))));
  }

  pause(): void {
    this.#cancel();
  }

  /** It is not wanted any more. */
  end(): void {
    this.#ended = true;
    this.#cancel();
  }
}
