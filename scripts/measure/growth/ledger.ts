import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Core } from "../../../core/core.ts";
import { quantile } from "../figure.ts";
import type { StandIn } from "./stand-in.ts";

const MIB = 1024 * 1024;
const GB = 1e9;

/** What is seen at the end of a simulated day; times are real ones, but for the lag. */
export interface Day {
  day: number;
  /** Handed in so far, and those of this day that have ended. */
  jobs: number;
  ended: number;
  /** Most at the same time. */
  queued: number;
  machines: number;
  /** core.sqlite, what of it is free, and the most that its write-ahead log had. */
  database_mib: number;
  free_mib: number;
  wal_mib: number;
  rows: number;
  /** ms */
  pass_p50: number;
  pass_p99: number;
  submit_p50: number;
  submit_p99: number;
  list_p50: number;
  tag_list_p50: number;
  rss_mib: number;
  /** The longest that a job of those which were to be archived had waited, s; jobs that are to be purged and are not. */
  lag_s: number;
  backlog: number;
  /** Logs of jobs and of workers here, files here, objects in the store so far. */
  logs_gb: number;
  worker_logs: number;
  files_gb: number;
  objects_gb: number;
  /** Of this process, the simulation included. */
  cpu_ms_per_job: number;
  flushes_per_job: number;
  written_kib_per_job: number;
}

export type Timing = "pass" | "submit" | "list" | "tag_list";

/** Adds up what happens, and tells of it day by day. */
export class Ledger {
  jobs = 0;
  #days = 0;
  #timings = new Map<Timing, number[]>();
  #most = { queued: 0, machines: 0, wal: 0, lag: 0 };
  #before: Totals;
  readonly #core: Core;
  readonly #standIn: StandIn;

  constructor(core: Core, standIn: StandIn) {
    this.#core = core;
    this.#standIn = standIn;
    this.#before = this.#totals();
  }

  timed<T>(what: Timing, work: () => T): T {
    const begun = performance.now();
    const result = work();
    const all = this.#timings.get(what) ?? [];
    this.#timings.set(what, all);
    all.push(performance.now() - begun);
    return result;
  }

  /** Looks at what goes up and down in a day. */
  look(machines: number): void {
    const most = this.#most;
    most.machines = Math.max(most.machines, machines);
    most.queued = Math.max(most.queued, this.#count("job WHERE state = 'queued'"));
    most.wal = Math.max(most.wal, sizeOf(`${this.#file}-wal`));
    const oldest = this.#core.db.query<{ since: number | null }, []>(
      "SELECT min(wanted) AS since FROM archive WHERE step = 'wanted'",
    );
    const since = oldest.get()?.since;
    if (since) most.lag = Math.max(most.lag, this.#core.world.now() - since);
  }

  endDay(): Day {
    const { db, world } = this.#core;
    const now = this.#totals();
    const before = this.#before;
    const ended = now.ended - before.ended;
    const pages = (name: string) => db.query<Record<string, number>, []>(`PRAGMA ${name}`).get()?.[name] ?? 0;
    const p = (what: Timing, q: number) => quantile(this.#timings.get(what) ?? [], q);
    const { logs, ratio, objects } = this.#standIn;
    const bytes = db.query<{ sum: number | null }, []>("SELECT sum(bytes) AS sum FROM user_usage").get()?.sum ?? 0;
    const due = `archive WHERE (step = 'archived' AND purge_at <= ${world.now()}) OR step = 'purged'`;
    const day: Day = {
      day: ++this.#days,
      jobs: this.jobs,
      ended,
      queued: this.#most.queued,
      machines: this.#most.machines,
      database_mib: (pages("page_count") * pages("page_size")) / MIB,
      free_mib: (pages("freelist_count") * pages("page_size")) / MIB,
      wal_mib: this.#most.wal / MIB,
      rows: rowsOf(this.#core).reduce((sum, { rows }) => sum + rows, 0),
      pass_p50: p("pass", 0.5),
      pass_p99: p("pass", 0.99),
      submit_p50: p("submit", 0.5),
      submit_p99: p("submit", 0.99),
      list_p50: p("list", 0.5),
      tag_list_p50: p("tag_list", 0.5),
      rss_mib: process.memoryUsage.rss() / MIB,
      lag_s: this.#most.lag / 1000,
      backlog: this.#count(due),
      logs_gb: (logs.text * ratio) / GB,
      worker_logs: logs.workers,
      files_gb: bytes / GB,
      objects_gb: objects.bytes / GB,
      cpu_ms_per_job: (now.cpu - before.cpu) / 1000 / ended,
      flushes_per_job: (now.flushes - before.flushes) / ended,
      written_kib_per_job: (now.written - before.written) / 1024 / ended,
    };
    this.#before = this.#totals();
    this.#timings = new Map();
    this.#most = { queued: 0, machines: 0, wal: 0, lag: 0 };
    return day;
  }

  #totals(): Totals {
    const { user, system } = process.cpuUsage();
    return {
      cpu: user + system,
      ended: this.#count("job WHERE state IN ('completed', 'failed')"),
      flushes: this.#standIn.flushes.count,
      written: Number(/^wchar: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1]),
    };
  }

  get #file(): string {
    return join(this.#core.config.general.data, "core.sqlite");
  }

  #count = (what: string): number =>
    this.#core.db.query<{ count: number }, []>(`SELECT count(*) AS count FROM ${what}`).get()?.count ?? 0;
}

interface Totals {
  /** us */
  cpu: number;
  ended: number;
  flushes: number;
  /** Bytes that were handed to the kernel. */
  written: number;
}

/** Rows of a table. */
export interface TableSize {
  table: string;
  rows: number;
}

export function rowsOf({ db }: Pick<Core, "db">): TableSize[] {
  const tables = db
    .query<{ table: string }, []>(
      `SELECT name AS "table" FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
    )
    .all();
  return tables.map(({ table }) => ({
    table,
    rows: db.query<{ count: number }, []>(`SELECT count(*) AS count FROM ${table}`).get()?.count ?? 0,
  }));
}

/** Bytes of each table with its indexes, as they lie in the file; reads all of it. */
export function bytesOf({ db }: Pick<Core, "db">): Map<string, number> {
  const sizes = db
    .query<{ table: string; bytes: number }, []>(
      `SELECT tbl_name AS "table", sum(pgsize) AS bytes FROM dbstat JOIN sqlite_schema USING (name) GROUP BY 1 ORDER BY 2 DESC`,
    )
    .all();
  return new Map(sizes.map(({ table, bytes }) => [table, bytes]));
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
