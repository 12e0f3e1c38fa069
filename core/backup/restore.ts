import { existsSync, mkdirSync } from "node:fs";
import { copyFile, mkdir, rename } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { Explained } from "../common/errors.ts";
import { lockData } from "../common/sqlite/lock.ts";
import type { Config } from "../config.ts";
import { type BackedUp, describeFile, readManifest } from "./manifest.ts";

/**
 * Fills a data directory from a backup, each file compared with its hash. The database comes last: without it, nothing that
 * was left half-way is taken for a server's data.
 *
 * @returns how many files there were @throws Explained for a directory in use, and for a backup that was changed
 */
export async function restore(config: Config, from: string): Promise<number> {
  const { data } = config.general;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const unlock = lockData(data);
  try {
    requireEmpty(data);
    let count = 0;
    let database: BackedUp | undefined;
    for await (const file of readManifest(from)) {
      if (file.path === "core.sqlite") database = file;
      else await restoreFile(from, placeOf(config, file.path), file);
      count++;
    }
    if (!database) throw new Explained(`${from} has no core.sqlite`);
    const place = join(data, "core.sqlite");
    await restoreFile(from, `${place}.new`, database);
    await rename(`${place}.new`, place);
    return count;
  } finally {
    unlock();
  }
}

/** @throws Explained where there is a database already */
export function requireEmpty(data: string): void {
  if (existsSync(join(data, "core.sqlite")))
    throw new Explained(`${data} has a core.sqlite already: move it away first, or choose another data directory`);
}

function placeOf(config: Config, path: string): string {
  if (normalize(path) !== path || path.startsWith("..") || path.startsWith("/"))
    throw new Explained(`the backup names a file outside of it: ${path}`);
  const { directory } = config.storage;
  return path.startsWith("objects/") && directory !== undefined
    ? join(directory, path.slice("objects/".length))
    : join(config.general.data, path);
}

async function restoreFile(from: string, to: string, { path, size, sha256 }: BackedUp): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(join(from, path), to);
  const real = await describeFile("", to);
  if (real.size !== size || real.sha256 !== sha256)
    throw new Explained(`${join(from, path)} was changed: it has ${real.size} bytes and the SHA-256 ${real.sha256}`);
}
