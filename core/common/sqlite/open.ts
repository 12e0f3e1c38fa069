import { Database } from "bun:sqlite";
import { closeSync, openSync } from "node:fs";
import { codeOf, Explained } from "../errors.ts";

// Bun keeps twenty prepared statements of a database and prepares what comes beyond that anew for each call, which takes
// longer than most queries. Ours are written out in the code: there are some hundred in all.
Database.MAX_QUERY_CACHE_SIZE = 1_000;

/** One numbered step of a schema: the SQL text of `migrations/NNNN_name.sql`, embedded by the importing module. */
export type Migration = string;

export interface OpenOptions {
  migrations: readonly Migration[];
}

export const IN_MEMORY = ":memory:";

/**
 * Opens `file` for its one writer, making it where it is missing for its owner alone, and brings it up to the newest migration. A commit
 * survives the process; a power cut may take the last instant.
 *
 * A query that joins or sorts, and compares a column with `?`, is planned anew each time a value is bound, as the plan might
 * depend on it; that takes ten times as long as the query. With `+?` it is planned once.
 */
export function openDatabase(file: string, { migrations }: OpenOptions): Database {
  if (file !== IN_MEMORY) makePrivate(file);
  const db = new Database(file, { create: true, strict: true });
  db.run("PRAGMA busy_timeout = 5000");
  useWal(db, file);
  db.run(`PRAGMA synchronous = NORMAL`);
  db.run("PRAGMA foreign_keys = ON");
  migrate(db, file, migrations);
  return db;
}

/** Makes a file where there is none. SQLite would let everybody read it, and what it writes beside takes after it. */
export const makePrivate = (file: string): void => closeSync(openSync(file, "a", 0o600));

/** Opens an existing file to look at, beside its one writer. */
export function openReadOnly(file: string): Database {
  const db = new Database(file, { readonly: true, strict: true });
  db.run("PRAGMA busy_timeout = 5000");
  return db;
}

/** The first step that reads the file. */
function useWal(db: Database, file: string): void {
  try {
    db.run("PRAGMA journal_mode = WAL");
  } catch (cause) {
    if (codeOf(cause) !== "SQLITE_NOTADB") throw cause;
    db.close();
    throw new Explained(`${file} is not a database: it has been damaged, or is something else`, { cause });
  }
}

function migrate(db: Database, file: string, migrations: readonly Migration[]): void {
  const done = versionOf(db);
  if (done > migrations.length)
    throw new Error(`${file} is at version ${done}, newer than this program knows (${migrations.length}): use a newer program`);
  for (const [i, sql] of migrations.entries()) {
    if (i < done) continue;
    db.transaction(() => {
      db.run(sql);
      db.run(`PRAGMA user_version = ${i + 1}`);
    }).immediate();
  }
}

const versionOf = (db: Database) => db.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
