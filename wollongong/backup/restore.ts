import { existsSync } from "node:fs";
import { restoreBackup } from "../../core/common/backup/restore.ts";
import { openDatabase } from "../../core/common/sqlite/open.ts";
import type { World } from "../../core/common/world.ts";
import { markBehind } from "../check/behind.ts";
import { type Config, DATABASE, keyFileOf } from "../config.ts";
import { migrations } from "../db/migrations.ts";
import { hasSecrets } from "../secret/secrets.ts";

interface Restored {
  files: number;
  /** There are secrets, and nothing to decrypt them with. */
  keyMissing: boolean;
}

/** Fills the data directory from a backup. @throws Explained for a directory in use, and for a backup that was changed */
export async function restore(config: Config, from: string, world: World): Promise<Restored> {
  const { data } = config;
  let keyMissing = false;
  const amend = (file: string) => {
    const db = openDatabase(file, { migrations });
    markBehind(db, world.now());
    keyMissing = hasSecrets({ db }) && !existsSync(keyFileOf(config));
    db.close();
  };
  const files = await restoreBackup(from, { format: "wollongong backup", data, database: DATABASE, amend });
  return { files, keyMissing };
}
