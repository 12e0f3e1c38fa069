import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../common/errors.ts";
import { Refused } from "../common/refused.ts";

/** What one job has on disk: bytes by file, and their sum, because a job may have thousands of files. */
interface Held {
  files: Map<string, number>;
  total: number;
}

/** How many bytes each job has on disk, file by file; read from the directories when a job is first asked for. */
export class Usage {
  readonly #jobs = new Map<string, Held>();
  readonly #dirsOf: (job: string) => readonly string[];
  readonly #max: number;

  constructor(dirsOf: (job: string) => readonly string[], max: number) {
    this.#dirsOf = dirsOf;
    this.#max = max;
  }

  /** Counts a file as of at least `bytes`, before they are written. @throws Refused 413 when the job would have too many */
  reserve(job: string, name: string, bytes: number): void {
    const held = this.#of(job);
    const before = held.files.get(name) ?? 0;
    if (bytes <= before) return;
    const total = held.total + bytes - before;
    if (total > this.#max)
      throw new Refused(413, `the files of a job may have ${this.#max} bytes together, this would make ${total}`);
    count(held, name, bytes);
  }

  /** Counts a file as of exactly `bytes`. */
  settle(job: string, name: string, bytes: number): void {
    // What is gone of a job that was forgotten is no reason to remember it.
    if (bytes === 0 && !this.#jobs.has(job)) return;
    count(this.#of(job), name, bytes);
  }

  forget(job: string): void {
    this.#jobs.delete(job);
  }

  #of(job: string): Held {
    const known = this.#jobs.get(job);
    if (known) return known;
    const held: Held = { files: new Map(), total: 0 };
    for (const dir of this.#dirsOf(job)) for (const name of list(dir)) count(held, name, sizeOf(join(dir, name)));
    this.#jobs.set(job, held);
    return held;
  }
}

function count(held: Held, name: string, bytes: number): void {
  held.total += bytes - (held.files.get(name) ?? 0);
  if (bytes > 0) held.files.set(name, bytes);
  else held.files.delete(name);
}

const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** The names in a directory; none if it is not there. */
export function list(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}
