/**
 * Which agents have a ping open right now. One that has is heard of all the time, and one whose connection breaks is missed
 * at once; kept in memory, as connections are.
 */
export class Presence {
  readonly #open = new Map<string, number>();

  enter(worker: string): void {
    this.#open.set(worker, (this.#open.get(worker) ?? 0) + 1);
  }

  leave(worker: string): void {
    const left = (this.#open.get(worker) ?? 0) - 1;
    if (left > 0) this.#open.set(worker, left);
    else this.#open.delete(worker);
  }

  has(worker: string): boolean {
    return this.#open.has(worker);
  }
}
