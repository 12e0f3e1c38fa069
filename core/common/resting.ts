import { BACKOFF, type Backoff, backoffFor } from "./retry.ts";
import type { World } from "./world.ts";

/** What has failed, each left in peace for a while: the longer, the more often it failed in a row. */
export class Resting {
  readonly #world: World;
  readonly #backoff: Backoff;
  readonly #failed = new Map<string, { until: number; times: number }>();

  constructor(world: World, backoff: Backoff = BACKOFF) {
    this.#world = world;
    this.#backoff = backoff;
  }

  has(name: string): boolean {
    return this.until(name) > this.#world.now();
  }

  /** When it may be tried, ms; 0: at once. */
  until(name: string): number {
    return this.#failed.get(name)?.until ?? 0;
  }

  /** It failed. What was under way together, and fails together, counts once. */
  failed(name: string): void {
    if (this.has(name)) return;
    const times = (this.#failed.get(name)?.times ?? 0) + 1;
    this.#failed.set(name, { times, until: this.#world.now() + backoffFor(this.#world, times, this.#backoff) });
  }

  worked(name: string): void {
    this.#failed.delete(name);
  }

  /** All of them may be tried now. */
  wake(): void {
    this.#failed.clear();
  }

  /** Until the first of them has rested, ms; infinite where none rests. */
  get left(): number {
    const now = this.#world.now();
    return Math.min(...[...this.#failed.values()].map(({ until }) => until - now).filter((left) => left > 0));
  }
}
