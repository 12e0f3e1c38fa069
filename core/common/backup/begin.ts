import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Explained } from "../errors.ts";
import { copyDatabase } from "../sqlite/copy.ts";

/**
 * Begins a backup with a copy of the database: what that knows is what the rest of the backup is to hold. `writeManifest` ends it.
 *
 * @param data directory, which a server may be using @param to directory, made where it is missing
 * @throws Explained where there is nothing to back up, or something in the way
 */
export function beginBackup(data: string, to: string, database: string): void {
  if (!existsSync(join(data, database))) throw new Explained(`there is no ${database} in ${data}`);
  if (existsSync(to) && readdirSync(to).length > 0)
    throw new Explained(`${to} is not empty: a backup has a directory of its own`);
  mkdirSync(to, { recursive: true, mode: 0o700 });
  copyDatabase(join(data, database), join(to, database));
}
