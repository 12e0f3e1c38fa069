import { join } from "node:path";
import { restoreBackup } from "../common/backup/restore.ts";
import type { Config } from "../config.ts";

/** @returns how many files there were @throws Explained for a directory in use, and for a backup that was changed */
export async function restore({ general: { data }, storage: { directory } }: Config, from: string): Promise<number> {
  const placeOf = (path: string) =>
    path.startsWith("objects/") && directory !== undefined ? join(directory, path.slice("objects/".length)) : join(data, path);
  return await restoreBackup(from, { format: "buildomat backup", data, database: "core.sqlite", placeOf, stale: ["cache"] });
}
