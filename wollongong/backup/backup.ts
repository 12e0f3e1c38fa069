import { join } from "node:path";
import { beginBackup } from "../../core/common/backup/begin.ts";
import { type BackedUp, describeFile, linkOrCopy, writeManifest } from "../../core/common/backup/manifest.ts";
import type { World } from "../../core/common/world.ts";
import { ARCHIVED_DELIVERIES, type Config, DATABASE } from "../config.ts";

/**
 * Copies the data directory, which a server may be using: the database as of one moment, then the archived deliveries, which
 * leave the database only once they are in their file. The key of the secrets is left out, as a copy that has both would tell them.
 *
 * @throws Explained when it cannot be done
 */
export async function backup({ data }: Config, to: string, world: World): Promise<BackedUp[]> {
  beginBackup(data, to, DATABASE);
  const archived = [...new Bun.Glob(`${ARCHIVED_DELIVERIES}/*.json`).scanSync(data)].sort();
  for (const path of archived) await linkOrCopy(join(data, path), join(to, path));
  const files: BackedUp[] = [];
  for (const path of [...archived, DATABASE]) files.push(await describeFile(to, path));
  await writeManifest(to, { format: "wollongong backup", time: new Date(world.now()).toISOString() }, files);
  return files;
}
