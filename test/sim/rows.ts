import type { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
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

  jobs = () => this.#db.query<JobSeen, []>("SELECT id, name, state, attempt, log_count, log_bytes, log_sha256 FROM job").all();
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
  verdicts = () =>
    this.#db.query<{ job: string; attempt: number; seq: number }, []>("SELECT job, attempt, seq FROM task_verdict").all();

  close(): void {
    this.#db.close();
  }
}

/** All events of a log, straight from its file. */
export function eventsIn(file: string): LogEvent[] {
  if (!existsSync(file)) return [];
  const db = openReadOnly(file);
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
