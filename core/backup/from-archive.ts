import type { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { decodeTime } from "ulid";
import { requireNone } from "../common/backup/restore.ts";
import { Explained, reasonOf } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import { retry } from "../common/retry.ts";
import { lockData } from "../common/sqlite/lock.ts";
import { openDatabase } from "../common/sqlite/open.ts";
import { removeDatabase, replaceFile } from "../common/sqlite/replace.ts";
import { newToken, type World } from "../common/world.ts";
import type { Config } from "../config.ts";
import { migrations } from "../db/migrations.ts";
import { hashToken } from "../http/bearer.ts";
import { type JobRecord, parseRecord } from "../job/archive/record.ts";
import { NoSuchObject, type ObjectStore, requireKey } from "../storage/object-store.ts";
import { openStore } from "../storage/open.ts";

/** So many records are read at the same time. */
const AT_ONCE = 16;
const TOLD_EVERY = 10_000;
/** With a store that is away for a moment, which is no reason to do without a job, ms. */
const PATIENCE = 60_000;

interface Restored {
  jobs: number;
  /** Keys of records that could not be read. */
  failed: string[];
}

/**
 * Makes a database anew from the records in the object store: every archived job, as a purged one, with its owner and target.
 * Tokens were never stored anywhere, so nobody has one afterwards but the administrator.
 *
 * @throws Explained for a data directory that is in use, and for a store that cannot be read, or has no records
 */
export async function restoreFromArchive(config: Config, { world, logger }: { world: World; logger: Logger }): Promise<Restored> {
  const { data } = config.general;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const unlock = lockData(data);
  const file = join(data, "core.sqlite");
  const unfinished = `${file}.new`;
  try {
    requireNone(data, "core.sqlite");
    await removeDatabase(unfinished);
    await rm(join(data, "cache"), { recursive: true, force: true });
    const result = await makeDatabase(unfinished, openStore(config.storage, join(data, "objects")), world, logger);
    await replaceFile(unfinished, file);
    return result;
  } catch (error) {
    await removeDatabase(unfinished);
    throw error;
  } finally {
    unlock();
  }
}

async function makeDatabase(file: string, store: ObjectStore, world: World, logger: Logger): Promise<Restored> {
  const db = openDatabase(file, { migrations });
  try {
    db.run("BEGIN");
    // A job may name files and machines of one that comes later.
    db.run("PRAGMA defer_foreign_keys = ON");
    const result = await insertAll(db, store, world, logger);
    db.run("COMMIT");
    return result;
  } finally {
    db.close();
  }
}

async function insertAll(db: Database, store: ObjectStore, world: World, logger: Logger): Promise<Restored> {
  const result: Restored = { jobs: 0, failed: [] };
  const names = { user: new Map<string, string>(), target: new Map<string, string>(), factory: new Map<string, string>() };
  for await (const { key, reading } of recordsIn(store, world)) {
    try {
      const bytes = await reading;
      const record = parseRecord(bytes.toString());
      insertJob(db, record, { size: bytes.byteLength, sha256: Bun.CryptoHasher.hash("sha256", bytes, "hex") }, world);
      names.user.set(record.owner.id, record.owner.name);
      names.target.set(record.target.id, record.target.name);
      for (const { factory, target } of record.workers) {
        names.factory.set(factory.id, factory.name);
        if (!names.target.has(target)) names.target.set(target, target);
      }
      result.jobs++;
      if (result.jobs % TOLD_EVERY === 0) logger.info(`${result.jobs} jobs restored so far`);
    } catch (error) {
      if (error instanceof Explained) throw error;
      logger.error(`cannot restore ${key}: ${reasonOf(error)}`, { error });
      result.failed.push(key);
    }
  }
  if (result.jobs + result.failed.length === 0)
    throw new Explained("nothing was restored: the object store has no record of a job; is [storage] the lost server's?");
  insertNamed(db, names, world);
  // Of a job that was never archived, nothing is left to hand over.
  db.run(
    "DELETE FROM input WHERE file IS NOT NULL AND NOT EXISTS (SELECT 1 FROM file f WHERE f.job = other_job AND f.id = input.file)",
  );
  return result;
}

/** All records, in the order of the store, with the next ones on their way already: a distant store takes its time for each. */
async function* recordsIn(store: ObjectStore, world: World): AsyncGenerator<{ key: string; reading: Promise<Buffer> }> {
  const ahead: { key: string; reading: Promise<Buffer> }[] = [];
  for await (const { key } of store.list("job/")) {
    const reading = read(store, key, world);
    // It is awaited in its turn.
    reading.catch(() => {});
    ahead.push({ key, reading });
    const first = ahead.length < AT_ONCE ? undefined : ahead.shift();
    if (first) yield first;
  }
  yield* ahead;
}

async function read(store: ObjectStore, key: string, world: World): Promise<Buffer> {
  requireKey(key);
  const work = async () => Buffer.concat(await Array.fromAsync(store.get(key)));
  try {
    return await retry(world, work, { retryable: (error) => !(error instanceof NoSuchObject), patience: PATIENCE });
  } catch (cause) {
    if (cause instanceof NoSuchObject) throw cause;
    throw new Explained(`nothing was restored: the object store does not give ${key}: ${reasonOf(cause)}`, { cause });
  }
}

function insertJob(db: Database, record: JobRecord, { size, sha256 }: { size: number; sha256: string }, world: World): void {
  const { job, workers, attempts, times, files, inputs, outputs, tags, published, log } = record;
  const now = world.now();
  db.transaction(() => {
    insert(db, "job", [{ ...job, time_purged: now }]);
    insert(
      db,
      "worker",
      workers.map(({ factory, ...worker }) => ({
        ...worker,
        factory: factory.id,
        // A machine that was there yet when its job was archived: nobody wrote down for how much longer.
        time_destroyed: worker.time_destroyed === null ? job.time_archived : worker.time_destroyed,
        state: "destroyed",
        bootstrap_hash: hashToken(newToken(world, 48)),
      })),
    );
    insert(db, "attempt", attempts);
    insert(db, "attempt_time", times);
    insert(db, "file", files);
    insert(db, "input", inputs);
    insert(db, "output", outputs);
    insert(db, "tag", tags);
    insert(db, "published_file", published);
    insert(db, "archive", [
      {
        job: job.id,
        step: "cleared",
        asked: 0,
        wanted: job.time_archived ?? now,
        log_size: log.size,
        log_sha256: log.sha256,
        record_size: size,
        record_sha256: sha256,
      },
    ]);
  })();
}

/** Columns that a record lacks get their default; what this version does not know any more is left out. */
function insert(db: Database, table: string, rows: readonly Record<string, string | number | null>[]): void {
  const known = db.query<{ name: string }, [string]>("SELECT name FROM pragma_table_info(?)").all(table);
  for (const row of rows) {
    const columns = known.map(({ name }) => name).filter((name) => name in row);
    db.query(`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`).run(
      ...columns.map((name) => row[name] ?? null),
    );
  }
}

/** Users, targets and factories by the name that they had last. */
function insertNamed(db: Database, names: Record<"user" | "target" | "factory", Map<string, string>>, world: World): void {
  for (const [id, name] of uniquely(names.user))
    insert(db, "user", [{ id, name, token_hash: hashToken(newToken(world, 48)), time_create: decodeTime(id) }]);
  for (const [id, name] of uniquely(names.target)) insert(db, "target", [{ id, name, desc: "restored from the archive" }]);
  for (const [id, name] of uniquely(names.factory))
    insert(db, "factory", [{ id, name, token_hash: hashToken(newToken(world, 64)), enable: 0 }]);
}

/** Of two that had the same name at different times, the later one keeps it. */
function uniquely(names: Map<string, string>): [string, string][] {
  const taken = new Set<string>();
  return [...names].reverse().map(([id, name]) => {
    const free = taken.has(name) ? `${name} (${id})` : name;
    taken.add(free);
    return [id, free];
  });
}
