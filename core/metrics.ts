import type { Database } from "bun:sqlite";
import type { World } from "./common/world.ts";

interface Sources {
  db: Database;
  world: World;
  objects: { cache: { size: number } };
}

const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];

/** Counts what the server does; read by Prometheus at /metrics. */
export class Metrics {
  readonly #counts = new Map<string, number>();
  readonly #durations = new Map<string, { buckets: number[]; sum: number; count: number }>();

  add(name: string, amount = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + amount);
  }

  /** Of what was added to logs. */
  logged(lines: number, bytes: number): void {
    this.add("log_lines_total", lines);
    this.add("log_bytes_total", bytes);
  }

  /** @param label of the request: `method="GET",route="/0/job/:job",status="200"` @param seconds that it took */
  observe(label: string, seconds: number): void {
    const known = this.#durations.get(label) ?? { buckets: BUCKETS.map(() => 0), sum: 0, count: 0 };
    this.#durations.set(label, known);
    known.sum += seconds;
    known.count++;
    for (const [i, bound] of BUCKETS.entries()) if (seconds <= bound) known.buckets[i] = (known.buckets[i] ?? 0) + 1;
  }

  /** The text format of Prometheus. */
  render(core: Sources): string {
    const lines = [...gauges(core)];
    for (const [name, value] of this.#counts) lines.push(`# TYPE buildomat_${name} counter`, `buildomat_${name} ${value}`);
    lines.push("# TYPE buildomat_request_seconds histogram");
    for (const [label, { buckets, sum, count }] of this.#durations) {
      for (const [i, bound] of BUCKETS.entries())
        lines.push(`buildomat_request_seconds_bucket{${label},le="${bound}"} ${buckets[i]}`);
      lines.push(`buildomat_request_seconds_bucket{${label},le="+Inf"} ${count}`);
      lines.push(`buildomat_request_seconds_sum{${label}} ${sum}`, `buildomat_request_seconds_count{${label}} ${count}`);
    }
    return `${lines.join("\n")}\n`;
  }
}

/** What can be counted in the database at any time; active rows only, so that history costs nothing. */
function* gauges(core: Sources): Generator<string> {
  const { db, world, objects } = core;
  yield "# TYPE buildomat_jobs gauge";
  for (const state of ["waiting", "queued", "running"]) {
    const row = db
      .query<{ count: number }, [string]>(
        "SELECT count(*) AS count FROM job WHERE state = ? AND state IN ('waiting', 'queued', 'running')",
      )
      .get(state);
    yield `buildomat_jobs{state="${state}"} ${row?.count ?? 0}`;
  }
  const oldest = db
    .query<{ since: number | null }, []>(
      `SELECT min(time) AS since FROM job JOIN attempt_time t ON t.job = job.id AND t.attempt = job.attempt AND t.name = 'ready'
       WHERE state = 'queued' AND state IN ('waiting', 'queued', 'running')`,
    )
    .get();
  yield "# TYPE buildomat_queue_age_seconds gauge";
  yield `buildomat_queue_age_seconds ${oldest?.since ? (world.now() - oldest.since) / 1000 : 0}`;
  const archive = db
    .query<{ count: number; since: number | null }, []>(
      "SELECT count(*) AS count, min(wanted) AS since FROM archive WHERE step = 'wanted'",
    )
    .get();
  yield "# TYPE buildomat_archive_waiting gauge";
  yield `buildomat_archive_waiting ${archive?.count ?? 0}`;
  yield "# TYPE buildomat_archive_lag_seconds gauge";
  yield `buildomat_archive_lag_seconds ${archive?.since ? (world.now() - archive.since) / 1000 : 0}`;
  yield "# TYPE buildomat_cache_bytes gauge";
  yield `buildomat_cache_bytes ${objects.cache.size}`;
  yield "# TYPE buildomat_workers gauge";
  const workers = db
    .query<{ state: string; count: number }, []>(
      "SELECT state, count(*) AS count FROM worker WHERE state <> 'destroyed' GROUP BY state",
    )
    .all();
  for (const state of ["created", "online", "recycling"])
    yield `buildomat_workers{state="${state}"} ${workers.find((row) => row.state === state)?.count ?? 0}`;
}
