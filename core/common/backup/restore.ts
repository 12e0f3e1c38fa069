import { existsSync, mkdirSync } from "node:fs";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { Explained } from "../errors.ts";
import { lockData } from "../sqlite/lock.ts";
import { removeDatabase, replaceFile } from "../sqlite/replace.ts";
import { type BackedUp, describeFile, type Format, readManifest } from "./manifest.ts";

interface Restore {
  format: Format;
  /** The data directory. */
  data: string;
  /** Its file without which there is no data. */
  database: string;
  /** Where a file of the backup belongs, if not to the same path in the data directory. */
  placeOf?: (path: string) => string;
  /** Of an earlier server's in the data directory, what would be taken for the restored one's. */
  stale?: readonly string[];
  /** What the database must know before a server has it. */
  amend?: (file: string) => void;
}

/**
 * Fills a data directory from a backup, each file compared with its hash. The database comes last: without it, nothing that
 * was left half-way is taken for a server's data.
 *
 * @returns how many files there were @throws Explained for a directory in use, and for a backup that was changed
 */
export async function restoreBackup(from: string, restore: Restore): Promise<number> {
  const { format, data, database, placeOf = (path) => join(data, path), stale = [], amend } = restore;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const unlock = lockData(data);
  try {
    requireNone(data, database);
    for (const path of stale) await rm(join(data, path), { recursive: true, force: true });
    let count = 0;
    let last: BackedUp | undefined;
    for await (const file of readManifest(from, format)) {
      if (file.path === database) last = file;
      else await restoreFile(from, placeOf(inside(file.path)), file);
      count++;
    }
    if (!last) throw new Explained(`${from} has no ${database}`);
    await restoreFile(from, join(data, database), last, amend);
    return count;
  } finally {
    unlock();
  }
}

/** @throws Explained where there is a database already */
export function requireNone(data: string, database: string): void {
  if (existsSync(join(data, database)))
    throw new Explained(`${data} has a ${database} already: move it away first, or choose another data directory`);
}

function inside(path: string): string {
  if (normalize(path) !== path || path.startsWith("..") || path.startsWith("/"))
    throw new Explained(`the backup names a file outside of it: ${path}`);
  return path;
}

/** What has its name already is replaced as a whole, and never written into: it may have others, also in the backup. */
async function restoreFile(from: string, to: string, file: BackedUp, amend?: (file: string) => void): Promise<void> {
  const unfinished = `${to}.new`;
  try {
    await copyRight(from, unfinished, file);
    amend?.(unfinished);
    await replaceFile(unfinished, to);
  } catch (error) {
    await removeDatabase(unfinished);
    throw error;
  }
}

/** @throws Explained for a file that is not what the backup says of it */
async function copyRight(from: string, to: string, { path, size, sha256 }: BackedUp): Promise<void> {
  const source = join(from, path);
  if (!existsSync(source)) throw new Explained(`${source} is missing`);
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await removeDatabase(to);
  await copyFile(source, to);
  const real = await describeFile("", to);
  if (real.size !== size || real.sha256 !== sha256)
    throw new Explained(`${source} was changed: it has ${real.size} bytes and the SHA-256 ${real.sha256}`);
}
