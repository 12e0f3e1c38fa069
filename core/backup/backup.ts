import { Database } from "bun:sqlite";
import { existsSync, statSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beginBackup } from "../common/backup/begin.ts";
import { type BackedUp, describeFile, linkOrCopy, writeManifest } from "../common/backup/manifest.ts";
import { codeOf, Explained } from "../common/errors.ts";
import { copyDatabase } from "../common/sqlite/copy.ts";
import type { World } from "../common/world.ts";
import type { Config } from "../config.ts";
import { fileKey, logKey, recordKey } from "../job/archive/keys.ts";
import { purgeRows } from "../job/archive/state.ts";
import type { FileRow, JobRow } from "../job/table.ts";
import { openStore } from "../storage/open.ts";

interface Backup {
  world: World;
  data: string;
  to: string;
  /** The copy of the database: what it knows is what is backed up. */
  db: Database;
  files: BackedUp[];
}

/**
 * Copies a data directory that a server may be using. The database is as of one moment; logs, files and objects are those that
 * it knows, none of which ever changes, apart from logs that still grow: these may be ahead of the database.
 *
 * @param stateOnly the database and the server's secret alone @throws Explained when it cannot be done
 */
export async function backup(
  config: Config,
  to: string,
  { world, stateOnly }: { world: World; stateOnly: boolean },
): Promise<BackedUp[]> {
  const { data } = config.general;
  beginBackup(data, to, "core.sqlite");
  const db = new Database(join(to, "core.sqlite"), { readwrite: true, strict: true });
  const files: BackedUp[] = [];
  try {
    const work: Backup = { world, data, to, db, files };
    if (!stateOnly) {
      await backUpLogs(work);
      await backUpFiles(work);
      if (!config.storage.s3) await backUpObjects(work, config);
    }
  } finally {
    db.close();
  }
  // Without one, the next start makes it: of a database that was just made anew, none is there.
  if (existsSync(join(data, "secret"))) await copyFile(join(data, "secret"), join(to, "secret"));
  for (const path of ["secret", "core.sqlite"].filter((path) => existsSync(join(to, path))))
    files.push(await describeFile(to, path));
  const time = new Date(world.now()).toISOString();
  await writeManifest(to, { format: "buildomat backup", time, state_only: stateOnly }, files);
  return files;
}

/** Logs of jobs and workers alike. */
async function backUpLogs(work: Backup): Promise<void> {
  const { db, data, to, files } = work;
  const known = db.query<{ id: string; sealed: 0 | 1 }, []>(
    `SELECT id, log_sha256 IS NOT NULL AS sealed FROM job WHERE time_purged IS NULL UNION ALL SELECT id, 0 FROM worker`,
  );
  for (const { id, sealed } of known.all()) {
    const path = join("log", id.slice(-2), `${id}.sqlite`);
    if (!existsSync(join(data, path))) {
      // A job or a worker that nobody has said anything of has no log.
      if (sealed) wasPurged(work, id, "its log");
      continue;
    }
    await mkdir(dirname(join(to, path)), { recursive: true, mode: 0o700 });
    if (sealed && !statSync(`${join(data, path)}-wal`, { throwIfNoEntry: false })?.size)
      await copyFile(join(data, path), join(to, path));
    else copyDatabase(join(data, path), join(to, path));
    files.push(await describeFile(to, path));
  }
}

async function backUpFiles(work: Backup): Promise<void> {
  const rows = work.db.query<FileRow, []>(
    "SELECT file.* FROM file JOIN job ON job.id = file.job WHERE time_purged IS NULL ORDER BY file.job, file.id",
  );
  for (const file of rows.all()) {
    const { job, id, size, sha256 } = file;
    const path = join("file", job, id);
    try {
      await linkOrCopy(join(work.data, path), join(work.to, path));
      work.files.push({ path, size, sha256 });
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
      isGone(work, file);
    }
  }
}

/** The server has removed a file meanwhile: of a job that it has purged, or that is tried again on another machine. */
function isGone(work: Backup, { job, id, kind }: FileRow): void {
  const { db } = work;
  if (rowOf(db, job).state === "running" && kind === "output") {
    db.query("DELETE FROM output WHERE job = ? AND file = ?").run(job, id);
    db.query("DELETE FROM file WHERE job = ? AND id = ?").run(job, id);
  } else wasPurged(work, job, `its file ${id}`);
}

/** The server has removed the local copies meanwhile: the backup takes the job for purged too. */
function wasPurged({ db, world }: Backup, job: string, what: string): void {
  const { time_archived, time_purged } = rowOf(db, job);
  if (time_archived === null)
    throw new Explained(`job ${job} is not archived, and ${what} is missing: if that is said again, it is lost`);
  if (time_purged === null) db.transaction(() => purgeRows(db, job, world.now())).immediate();
}

function rowOf(db: Database, job: string): JobRow {
  const row = db.query<JobRow, [string]>("SELECT * FROM job WHERE id = ?").get(job);
  if (!row) throw new Error(`the database has a file of job ${job}, but no such job`);
  return row;
}

/** What the database knows of the object store, where that is a directory. */
async function backUpObjects({ db, data, to, files }: Backup, config: Config): Promise<void> {
  const store = openStore(config.storage, join(data, "objects"));
  const add = async (key: string, size: number, sha256: string) => {
    const path = join("objects", key);
    await linkOrCopy(store.path(key) ?? key, join(to, path));
    files.push({ path, size, sha256 });
  };
  const rows = db.query<FileRow, []>("SELECT * FROM file WHERE time_archived IS NOT NULL ORDER BY job, id");
  for (const { job, id, size, sha256 } of rows.all()) await add(fileKey(job, id), size, sha256);
  const archived = db.query<
    Record<"job" | "log_sha256" | "record_sha256", string> & Record<"log_size" | "record_size", number>,
    []
  >("SELECT * FROM archive WHERE step <> 'wanted' ORDER BY job");
  for (const { job, log_size, log_sha256, record_size, record_sha256 } of archived.all()) {
    await add(logKey(job), log_size, log_sha256);
    await add(recordKey(job), record_size, record_sha256);
  }
}
