import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { restoreBackup } from "../common/backup/restore.ts";
import { Explained, reasonOf } from "../common/errors.ts";
import { openReadOnly } from "../common/sqlite/open.ts";
import type { Config } from "../config.ts";

/** @returns how many files there were @throws Explained for a directory in use, and for a backup that was changed */
export async function restore({ general: { data }, storage: { directory } }: Config, from: string): Promise<number> {
  const placeOf = (path: string) =>
    path.startsWith("objects/") && directory !== undefined ? join(directory, path.slice("objects/".length)) : join(data, path);
  return await restoreBackup(from, {
    format: "buildomat backup",
    data,
    database: "core.sqlite",
    placeOf,
    stale: ["cache"],
    amend: (file) => reopenLogs(file, data),
  });
}

/**
 * Logs that were copied after the database, or are here from later, may be ahead of it: sealed already, or with control events that
 * the database will number again. They take those then that it is to write next.
 */
function reopenLogs(database: string, data: string): void {
  const db = openReadOnly(database);
  try {
    const open = db.query<{ id: string; last: number | null }, []>(
      `SELECT id, last FROM (SELECT id FROM job WHERE log_sha256 IS NULL UNION ALL SELECT id FROM worker)
       LEFT JOIN outbox_count ON log = id`,
    );
    for (const { id, last } of open.all()) {
      const file = join(data, "log", id.slice(-2), `${id}.sqlite`);
      if (existsSync(file)) reopenLog(file, last ?? 0);
    }
  } finally {
    db.close();
  }
}

/** @param last number of the control event that the database wrote last */
function reopenLog(file: string, last: number): void {
  const log = new Database(file, { readwrite: true, strict: true });
  try {
    log.run("DELETE FROM seal");
    log.query("UPDATE cursor SET next = min(next, ?) WHERE source = 'core'").run(last + 1);
  } catch (cause) {
    throw new Explained(`${file} is no log that can be gone on with: move it away (${reasonOf(cause)})`, { cause });
  } finally {
    log.close();
  }
}
