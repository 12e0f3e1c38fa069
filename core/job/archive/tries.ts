import { backoffFor } from "../../common/retry.ts";
import type { World } from "../../common/world.ts";

/** Between two tries of one object, ms. */
const BACKOFF = { first: 5_000, most: 600_000 };

/** What has failed, and when it is to be tried again: each object for itself. */
export class Tries {
  readonly #world: World;
  readonly #failed = new Map<string, { tries: number; again: number }>();

  constructor(world: World) {
    this.#world = world;
  }

  /** When it may be tried, ms; 0: at once. */
  again = (key: string): number => this.#failed.get(key)?.again ?? 0;

  isDue = (key: string): boolean => this.again(key) <= this.#world.now();

  succeeded(key: string): void {
    this.#failed.delete(key);
  }

  failed(key: string): void {
    const tries = (this.#failed.get(key)?.tries ?? 0) + 1;
    this.#failed.set(key, { tries, again: this.#world.now() + backoffFor(this.#world, tries, BACKOFF) });
  }
}
