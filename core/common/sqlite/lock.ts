import { Database } from "bun:sqlite";
import { join } from "node:path";
import { Explained } from "../errors.ts";
import { makePrivate } from "./open.ts";

/**
 * Keeps a second server from the same data directory: the lock is SQLite's own on an empty database, so that the kernel lets
 * go of it whichever way the process ends.
 *
 * @returns the function that unlocks @throws Explained, which says who is in the way
 */
export function lockData(dir: string): () => void {
  const file = join(dir, "lock.sqlite");
  makePrivate(file);
  const db = new Database(file, { strict: true, readwrite: true });
  try {
    db.run("PRAGMA locking_mode = EXCLUSIVE");
    db.run("BEGIN EXCLUSIVE");
  } catch (cause) {
    db.close();
    throw new Explained(`another server is using ${dir}: stop it, or choose another data directory`, { cause });
  }
  return () => db.close();
}
