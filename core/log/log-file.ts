import type { Database } from "bun:sqlite";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { IN_MEMORY, openDatabase, openReadOnly } from "../common/sqlite/open.ts";
import type { NewEvent } from "./event.ts";
import init from "./migrations/0001_log.sql" with { type: "text" };
import { type Row, type RowHead, toRows } from "./row.ts";

/** What is known of a log that takes no more events. */
export interface Sealed {
  count: number;
  /** Of the log as JSON lines: length and SHA-256 in hex. */
  bytes: number;
  sha256: string;
}

/** Where an append left the log. */
export interface Appended {
  /** Number, in the source's own count, of the event that the log wants next. */
  next: number;
  /** Sequence number of the last event. */
  last: number;
}

const migrations = [init];

/** Opens the SQLite file of a log for writing; the file must be there. */
export function openLog(file: string): Database {
  const db = openDatabase(file, { migrations });
  // Many logs are open at once: a quarter of a megabyte of pages each, not two.
  db.run("PRAGMA cache_size = -256");
  return db;
}

/** Makes an empty log. Writing a prepared file is five times faster than creating tables in a new one. */
export function createLog(file: string, blank: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, blank);
  renameSync(`${file}.new`, file);
}

/** The bytes of an empty log, already in WAL mode. */
export function blankLog(): Uint8Array {
  const db = openDatabase(IN_MEMORY, { migrations });
  try {
    const bytes = new Uint8Array(db.serialize());
    // "File format write version" and "read version" of the header (sqlite.org/fileformat.html, 1.3.3): 2 is WAL.
    bytes.fill(2, 18, 20);
    return bytes;
  } finally {
    db.close();
  }
}

export const logExists = (file: string) => existsSync(file);

export const sealOf = (db: Database): Sealed | undefined =>
  db.query<Sealed, []>("SELECT count, bytes, sha256 FROM seal").get() ?? undefined;

/** One log, open. Nothing else writes the file, apart from the thread that seals it. */
export class LogFile {
  readonly #db: Database;
  #last: number;
  #sealed: Sealed | undefined;
  #unsynced: boolean;

  /**
   * @param fresh it was just made, and not synced: then its first append need not be either, which begins the WAL with two flushes
   * @param copy of a sealed log, which is only read
   */
  constructor(file: string, { fresh = false, copy = false } = {}) {
    this.#db = copy ? openReadOnly(file) : openLog(file);
    this.#unsynced = fresh;
    if (fresh) this.#db.run("PRAGMA synchronous = OFF");
    this.#last =
      this.#db.query<{ last: number }, []>("SELECT first + count - 1 AS last FROM batch ORDER BY first DESC LIMIT 1").get()
        ?.last ?? 0;
  }

  get last(): number {
    return this.#last;
  }

  /** What the thread that sealed it left. */
  get sealed(): Sealed | undefined {
    this.#sealed ??= sealOf(this.#db);
    return this.#sealed;
  }

  /** Number of the event that `source` is to send next. */
  wanted(source: string): number {
    return this.#db.query<{ next: number }, [string]>("SELECT next FROM cursor WHERE source = ?").get(source)?.next ?? 1;
  }

  /**
   * Stores events, and where the source then stands, in one transaction.
   *
   * @param next moves the source's cursor; absent for a source that does not number its events
   * @param raw the JSON that holds exactly `events`
   */
  store(source: string, time: number, events: readonly NewEvent[], next?: number, raw?: Uint8Array<ArrayBuffer>): void {
    const insert = this.#db.query(
      "INSERT INTO batch (first, count, time, source, form, zstd, body) VALUES (?, ?, ?, ?, 'events', ?, ?)",
    );
    const rows = [...toRows(events, raw)];
    let last = this.#last;
    this.#db
      .transaction(() => {
        for (const { count, zstd, body } of rows) {
          insert.run(last + 1, count, time, source, zstd, body);
          last += count;
        }
        if (next !== undefined)
          this.#db
            .query("INSERT INTO cursor (source, next) VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET next = excluded.next")
            .run(source, next);
      })
      .immediate();
    this.#last = last;
    if (this.#unsynced) this.#db.run("PRAGMA synchronous = NORMAL");
    this.#unsynced = false;
  }

  /** The row that holds `seq`, without its body. */
  find(seq: number): RowHead | undefined {
    return this.#holding<RowHead>("first, count", seq);
  }

  /** The row that holds `seq`. In one query: sealing may replace the rows between two. */
  row(seq: number): Row | undefined {
    return this.#holding<Row>("first, count, time, form, zstd, body", seq);
  }

  #holding<R extends RowHead>(columns: string, seq: number): R | undefined {
    const row = this.#db
      .query<R, [number]>(`SELECT ${columns} FROM batch WHERE first <= +? ORDER BY first DESC LIMIT 1`)
      .get(seq);
    return row && seq < row.first + row.count ? row : undefined;
  }

  close(): void {
    this.#db.close();
  }
}
