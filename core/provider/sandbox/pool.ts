import type { Logger } from "../../common/logger.ts";

/** What a box's root is made of: the path of an unpacked image, or the host's own /usr. */
export type Root = string | undefined;

/** What the pool must know of a box. */
interface Stoppable {
  /** Exit code of what ran in it; undefined while that runs. */
  code: number | undefined;
  stop(): Promise<void>;
}

/** A box and the slot that it fills until it is given back. */
export interface Placed<B> {
  slot: number;
  box: B;
}

interface PoolOptions<B> {
  /** Boxes at work at once. */
  slots: number;
  /** Boxes that wait for a job beside those at work, of each root. */
  warm: number;
  roots: readonly Root[];
  start(slot: number, root: Root): Promise<B>;
  logger: Logger;
}

/** The slots of a factory, and the boxes that wait in some of them for a job. */
export class Pool<B extends Stoppable> {
  readonly #options: PoolOptions<B>;
  readonly #free: number[];
  readonly #waiting = new Map<Root, Promise<Placed<B>>[]>();
  #closed = false;

  constructor(options: PoolOptions<B>) {
    this.#options = options;
    const all = options.slots + options.warm * options.roots.length;
    this.#free = Array.from({ length: all }, (_, i) => all - 1 - i);
    for (const root of options.roots) this.#waiting.set(root, []);
  }

  /** A box with that root: one that waits, or a new one. @throws Error if the kernel makes none */
  async take(root: Root): Promise<Placed<B>> {
    for (let next = this.#waiting.get(root)?.shift(); next; next = this.#waiting.get(root)?.shift()) {
      const placed = await next.catch(() => undefined);
      if (placed && placed.box.code === undefined) return placed;
      if (placed) this.#free.push(placed.slot);
    }
    return await this.#place(root);
  }

  /** The box in the slot is gone. */
  giveBack(slot: number): void {
    this.#free.push(slot);
  }

  /** Starts as many boxes as are to wait. */
  fill(): void {
    for (const [root, waiting] of this.#waiting) {
      while (!this.#closed && waiting.length < this.#options.warm && this.#free.length > 0) {
        const placed = this.#place(root);
        waiting.push(placed);
        placed.catch((error) => {
          // Unless it is being taken.
          if (waiting.includes(placed)) waiting.splice(waiting.indexOf(placed), 1);
          this.#options.logger.warn("could not prepare a box", { error });
        });
      }
    }
  }

  /** Ends the waiting boxes, and makes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    const waiting = [...this.#waiting.values()].flatMap((list) => list.splice(0));
    await Promise.all(
      waiting.map(async (one) => {
        const placed = await one.catch(() => undefined);
        await placed?.box.stop();
      }),
    );
  }

  async #place(root: Root): Promise<Placed<B>> {
    const slot = this.#free.pop();
    if (slot === undefined) throw new Error("sandbox: every slot is in use");
    try {
      return { slot, box: await this.#options.start(slot, root) };
    } catch (error) {
      this.#free.push(slot);
      throw error;
    }
  }
}
