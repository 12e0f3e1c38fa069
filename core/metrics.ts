import type { Database } from "bun:sqlite";
import type { World } from "./common/world.ts";

interface Sources {
  db: Database;
  world: World;
  objects: { cache: { size: number } };
}

/** Bounds in seconds: of what takes a moment, and of what people and machines wait for. */
const MOMENTS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];
const WAITS = [0.1, 0.5, 2, 10, 30, 60, 120, 300, 900, 3600];

const HISTOGRAMS = {
  request_seconds: MOMENTS,
  /** From ready until a machine was asked for, or was free. */
  job_queue_seconds: WAITS,
  /** From ready until the agent had the job. */
  job_start_seconds: WAITS,
  /** From when a machine was asked for until its agent was there. */
  worker_boot_seconds: WAITS,
} as const;
type Histogram = keyof typeof HISTOGRAMS;

type Labels = Record<string, string>;

/** Counts what the server does; read by Prometheus at /metrics. */
export class Metrics {
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #durations = new Map<Histogram, Map<string, Durations>>();

  add(name: string, amount = 1, labels: Labels = {}): void {
    const counts = this.#counts.get(name) ?? new Map<string, number>();
    this.#counts.set(name, counts);
    const label = labelled(labels);
    counts.set(label, (counts.get(label) ?? 0) + amount);
  }

  /** Of what was added to logs. */
  logged(lines: number, bytes: number): void {
    this.add("log_lines_total", lines);
    this.add("log_bytes_total", bytes);
  }

  observe(name: Histogram, labels: Labels, seconds: number): void {
    const bounds = HISTOGRAMS[name];
    const all = this.#durations.get(name) ?? new Map<string, Durations>();
    this.#durations.set(name, all);
    const label = labelled(labels);
    const known = all.get(label) ?? { buckets: bounds.map(() => 0), sum: 0, count: 0 };
    all.set(label, known);
    known.sum += seconds;
    known.count++;
    for (const [i, bound] of bounds.entries()) if (seconds <= bound) known.buckets[i] = (known.buckets[i] ?? 0) + 1;
  }

  /** The text format of Prometheus. */
  render(core: Sources): string {
    const lines = [...gauges(core)];
    for (const [name, counts] of this.#counts) {
      lines.push(`# TYPE buildomat_${name} counter`);
      for (const [label, value] of counts) lines.push(`buildomat_${name}${label && `{${label}}`} ${value}`);
    }
    for (const [name, all] of this.#durations) {
      lines.push(`# TYPE buildomat_${name} histogram`);
      for (const [label, durations] of all) lines.push(...histogram(name, label, durations));
    }
    return `${lines.join("\n")}\n`;
  }
}

interface Durations {
  /** How many were at most as long as each bound. */
  buckets: number[];
  sum: number;
  count: number;
}

function* histogram(name: Histogram, label: string, { buckets, sum, count }: Durations): Generator<string> {
  for (const [i, bound] of HISTOGRAMS[name].entries()) yield `buildomat_${name}_bucket{${label},le="${bound}"} ${buckets[i]}`;
  yield `buildomat_${name}_bucket{${label},le="+Inf"} ${count}`;
  yield `buildomat_${name}_sum{${label}} ${sum}`;
  yield `buildomat_${name}_count{${label}} ${count}`;
}

/** `method="GET",status="200"` */
const labelled = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`)
    .join(",");

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
