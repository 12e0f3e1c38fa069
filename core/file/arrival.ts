/** So many bytes more make it worth hashing ahead. */
const STEP = 32 * 1024 * 1024;

/**
 * What has arrived of a file that is written in place, so that its beginning can be hashed while the rest is under way.
 * Chunks come in any order, and again.
 */
export class Arrival {
  /** Ranges that have arrived beyond the beginning, by start; ends are exclusive. */
  readonly #later = new Map<number, number>();
  #complete = 0;
  #hashed = 0;
  #rewritten = false;

  /** Whether a part that was handed out for hashing was written to again: its hash may be wrong then. */
  get rewritten(): boolean {
    return this.#rewritten;
  }

  /** Called before and after a chunk is written, also when that failed. */
  touch(start: number): void {
    if (start < this.#hashed) this.#rewritten = true;
  }

  /** A chunk has been written. @returns how far the file can be hashed now, when that is worth it */
  add(start: number, end: number): number | undefined {
    this.#later.set(start, Math.max(end, this.#later.get(start) ?? 0));
    for (let next = this.#later.get(this.#complete); next !== undefined; next = this.#later.get(this.#complete)) {
      this.#later.delete(this.#complete);
      if (next <= this.#complete) break;
      this.#complete = next;
    }
    if (this.#rewritten || this.#complete - this.#hashed < STEP) return undefined;
    this.#hashed = this.#complete;
    return this.#hashed;
  }
}
