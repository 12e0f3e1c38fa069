import { closeSync, fdatasyncSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";

/**
 * The write-ahead log of a database that is open with `synchronous = NORMAL`: SQLite then brings a commit to the disk only
 * before it copies it into the database. This does it at once for the commits that somebody relies on. The log is written
 * in order, so one flush takes along all that was committed before.
 */
export class Wal {
  readonly #fd: number;
  #owed = false;

  /** @param file of the database, which has been written to or read from */
  constructor(file: string) {
    this.#fd = openSync(`${file}-wal`, "r+");
    // The file's name must survive a power cut too.
    const dir = openSync(dirname(file), "r");
    fsyncSync(dir);
    closeSync(dir);
  }

  /** What is being changed must be on disk before anybody hears of it. */
  owe(): void {
    this.#owed = true;
  }

  /** Flushes if anything that was committed is owed. */
  settle(): void {
    if (!this.#owed) return;
    fdatasyncSync(this.#fd);
    this.#owed = false;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
