/** So many agents without an open ping are remembered. */
const MOST_LEFT = 10_000;

/**
 * Which agents have a ping open right now. One that has is heard of all the time, and one whose connection breaks is missed
 * at once; kept in memory, as connections are.
 */
export class Presence {
  readonly #open = new Map<string, number>();
  /** When the last ping of an agent closed, ms; the longest ago first. */
  readonly #left = new Map<string, number>();

  enter(worker: string): void {
    this.#open.set(worker, (this.#open.get(worker) ?? 0) + 1);
    this.#left.delete(worker);
  }

  leave(worker: string, now: number): void {
    const left = (this.#open.get(worker) ?? 0) - 1;
    if (left > 0) {
      this.#open.set(worker, left);
      return;
    }
    this.#open.delete(worker);
    this.#left.set(worker, now);
    const [oldest] = this.#left.keys();
    if (this.#left.size > MOST_LEFT && oldest) this.#left.delete(oldest);
  }

  has(worker: string): boolean {
    return this.#open.has(worker);
  }

  /** When an agent that keeps a ping open was last there, ms; undefined for one that this process has never seen do so. */
  lastSeen(worker: string): number | undefined {
    return this.#left.get(worker);
  }
}
