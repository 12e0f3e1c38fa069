import { rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { sync } from "../sync.ts";

/**
 * Gives a finished file its name, durably, in place of what has it. Where that was a database, a write-ahead log may be left of
 * it: SQLite would take that for the new one's own.
 */
export async function replaceFile(file: string, name: string): Promise<void> {
  await removeDatabase(name);
  await sync(file);
  await rename(file, name);
  await sync(dirname(name));
}

/** A database, or any other file, with what SQLite keeps beside it. */
export async function removeDatabase(file: string): Promise<void> {
  for (const suffix of ["", "-wal", "-shm"]) await rm(file + suffix, { force: true });
}
