import { existsSync } from "node:fs";
import { restoreBackup } from "../../core/common/backup/restore.ts";
import { openReadOnly } from "../../core/common/sqlite/open.ts";
import { type Config, DATABASE, databaseOf, keyFileOf } from "../config.ts";
import { hasSecrets } from "../secret/secrets.ts";

interface Restored {
  files: number;
  /** There are secrets, and nothing to decrypt them with. */
  keyMissing: boolean;
}

/** Fills the data directory from a backup. @throws Explained for a directory in use, and for a backup that was changed */
export async function restore(config: Config, from: string): Promise<Restored> {
  const { data } = config;
  const files = await restoreBackup(from, { format: "wollongong backup", data, database: DATABASE });
  const db = openReadOnly(databaseOf(config));
  try {
    return { files, keyMissing: hasSecrets({ db }) && !existsSync(keyFileOf(config)) };
  } finally {
    db.close();
  }
}
