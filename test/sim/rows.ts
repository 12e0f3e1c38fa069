import type { Database } from "bun:sqlite";
import { openReadOnly } from "../../core/common/sqlite/open.ts";
import type { LogEvent } from "../../core/log/logs.ts";
import { eventsOf, linesOf, type Row } from "../../core/log/row.ts";

export interface JobSeen {
  id: string;
  name: string;
  state: string;
  attempt: number;
  log_count: number | null;
  log_bytes: number | null;
  log_sha256: string | null;
  time_archived: number | null;
  time_purged: number | null;
}

export interface AttemptSeen {
  job: string;
  number: number;
  worker: string | null;
  reason: string | null;
}

export interface OutputSeen {
  job: string;
  path: string;
  file: string;
  attempt: number;
  sha256: string;
}

/** The databases as anybody with `sqlite3` would find them, beside the server and without its code for them. */
export class Rows {
  readonly #db: Database;
  readonly #version;
  #seen = -1;

  constructor(file: string) {
    this.#db = openReadOnly(file);
    this.#version = this.#db.query<{ data_version: number }, []>("PRAGMA data_version");
  }

  /** Whether anything was committed since this was asked last. */
  changed(): boolean {
    const { data_version = 0 } = this.#version.get() ?? {};
    const changed = data_version !== this.#seen;
    this.#seen = data_version;
    return changed;
  }

  jobs = () =>
    this.#db
      .query<JobSeen, []>(
        "SELECT id, name, state, attempt, log_count, log_bytes, log_sha256, time_archived, time_purged FROM job",
      )
      .all();
  wasReady = (job: string) => this.#db.query("SELECT 1 FROM attempt_time WHERE job = ? AND name = 'ready'").get(job) !== null;
  workers = () => this.#db.query<{ id: string; state: string }, []>("SELECT id, state FROM worker").all();
  attempts = () => this.#db.query<AttemptSeen, []>("SELECT job, number, worker, reason FROM attempt ORDER BY job, number").all();
  outputs = () =>
    this.#db
      .query<OutputSeen, []>(
        "SELECT output.job, path, file, attempt, sha256 FROM output JOIN file ON file.job = output.job AND file.id = output.file",
      )
      .all();
  /** What jobs, not users, have put into their stores. */
  values = () =>
    this.#db
      .query<{ job: string; name: string; value: string }, []>("SELECT job, name, value FROM store WHERE source = 'worker'")
      .all();
  /** Jobs of which nothing but the object store has all. */
  cleared = () =>
    new Set(
      this.#db
        .query<{ job: string }, []>("SELECT job FROM archive WHERE step = 'cleared'")
        .all()
        .map(({ job }) => job),
    );

  close(): void {
    this.#db.close();
  }
}

/** All events of a log, straight from its database, which is closed. */
export function eventsIn(db: Database): LogEvent[] {
  try {
    const rows = db.query<Row, []>("SELECT first, count, time, form, zstd, body FROM batch ORDER BY first").all();
    return rows.flatMap(eventsOf);
  } finally {
    db.close();
  }
}

/** Count, length and hash as a sealed log has them, computed anew. */
export function sealOf(events: readonly LogEvent[]): { log_count: number; log_bytes: number; log_sha256: string } {
  const lines = linesOf(events);
  return {
    log_count: events.length,
    log_bytes: lines.byteLength,
    log_sha256: Bun.CryptoHasher.hash("sha256", lines, "hex"),
  };
}
