import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../common/errors.ts";
import { Refused } from "../common/refused.ts";

/** How many bytes each job has on disk, file by file; read from the directories when a job is first asked for. */
export class Usage {
  readonly #jobs = new Map<string, Map<string, number>>();
  readonly #dirsOf: (job: string) => readonly string[];
  readonly #max: number;

  constructor(dirsOf: (job: string) => readonly string[], max: number) {
    this.#dirsOf = dirsOf;
    this.#max = max;
  }

  /** Counts a file as of at least `bytes`, before they are written. @throws Refused 413 when the job would have too many */
  reserve(job: string, name: string, bytes: number): void {
    const files = this.#of(job);
    const before = files.get(name) ?? 0;
    if (bytes <= before) return;
    const total = files.values().reduce((sum, size) => sum + size, bytes - before);
    if (total > this.#max)
      throw new Refused(413, `the files of a job may have ${this.#max} bytes together, this would make ${total}`);
    files.set(name, bytes);
  }

  /** Counts a file as of exactly `bytes`. */
  settle(job: string, name: string, bytes: number): void {
    const files = this.#of(job);
    if (bytes > 0) files.set(name, bytes);
    else files.delete(name);
  }

  forget(job: string): void {
    this.#jobs.delete(job);
  }

  #of(job: string): Map<string, number> {
    const known = this.#jobs.get(job);
    if (known) return known;
    const files = new Map(this.#dirsOf(job).flatMap((dir) => list(dir).map((name) => [name, sizeOf(join(dir, name))] as const)));
    this.#jobs.set(job, files);
    return files;
  }
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
