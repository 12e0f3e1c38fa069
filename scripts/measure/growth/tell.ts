import { loadavg } from "node:os";
import { type Column, Table } from "../../../core/common/table.ts";
import { shown } from "../figure.ts";
import type { Day } from "./ledger.ts";
import type { Outcome, TableGrowth } from "./life.ts";

const number = (name: string, width: number, value: (day: Day) => number): Column<Day> => ({
  name,
  width,
  // Of the days on which there was nothing of it, there is no figure.
  value: (day) => (Number.isFinite(value(day)) ? shown(value(day)) : undefined),
});

const DAYS: readonly Column<Day>[] = [
  { name: "day", width: 3, value: ({ day }) => day },
  number("jobs", 9, (day) => day.jobs),
  number("queued", 6, (day) => day.queued),
  number("machines", 8, (day) => day.machines),
  number("db MiB", 7, (day) => day.database_mib),
  number("free", 6, (day) => day.free_mib),
  number("WAL", 5, (day) => day.wal_mib),
  number("rows", 10, (day) => day.rows),
  number("pass p50", 8, (day) => day.pass_p50),
  number("p99", 5, (day) => day.pass_p99),
  number("submit p50", 10, (day) => day.submit_p50),
  number("p99", 5, (day) => day.submit_p99),
  number("list p50", 8, (day) => day.list_p50),
  number("by tag", 6, (day) => day.tag_list_p50),
  number("RSS MiB", 7, (day) => day.rss_mib),
  number("lag s", 7, (day) => day.lag_s),
  number("to purge", 8, (day) => day.backlog),
  number("logs GB", 7, (day) => day.logs_gb),
  number("files GB", 8, (day) => day.files_gb),
  number("store GB", 8, (day) => day.objects_gb),
  number("CPU ms/job", 10, (day) => day.cpu_ms_per_job),
];

const days = () => new Table(DAYS, { now: Date.now() });
/** One day as it is over, for who waits. */
export const dayLine = (day: Day): string => (day.day === 1 ? `${days().header()}\n${days().row(day)}` : days().row(day));

const TABLES: readonly Column<TableGrowth & { jobs: number }>[] = [
  { name: "table", width: 16, value: ({ table }) => table },
  { name: "rows", width: 11, value: ({ rows }) => rows.toLocaleString("en-US") },
  { name: "per job", width: 8, value: ({ rows, jobs }) => shown(rows / jobs) },
  { name: "when all is purged", width: 18, value: ({ rows_at_rest }) => rows_at_rest.toLocaleString("en-US") },
  { name: "bytes per job", width: 13, value: ({ bytes_at_rest, jobs }) => shown(bytes_at_rest / jobs) },
];

/** What grew, against the second day: by then there is a night behind it. */
export function ratios({ days }: Outcome): Record<string, number> {
  const first = days[1] ?? days[0];
  const last = days.at(-1);
  if (!first || !last) return {};
  const of = (value: (day: Day) => number) => value(last) / value(first);
  return {
    jobs: of((day) => day.jobs),
    database: of((day) => day.database_mib),
    wal: of((day) => day.wal_mib),
    pass_p50: of((day) => day.pass_p50),
    submit_p50: of((day) => day.submit_p50),
    list_p50: of((day) => day.list_p50),
    tag_list_p50: of((day) => day.tag_list_p50),
    rss: of((day) => day.rss_mib),
    cpu_per_job: of((day) => day.cpu_ms_per_job),
  };
}

/** The whole outcome, for people. */
export function tell(outcome: Outcome): string {
  const { plan, tables, rest } = outcome;
  const rows = tables.map((table) => ({ ...table, jobs: plan.jobs }));
  const growth = Object.entries(ratios(outcome)).map(([name, ratio]) => `${name} ${shown(ratio)}`);
  return [
    days().header(),
    ...outcome.days.map((day) => days().row(day)),
    `${days().row(rest)}   (everything over and purged)`,
    "",
    ...new Table(TABLES, { now: Date.now() }).lines(rows),
    "",
    `day ${outcome.days.length} against day 2, times: ${growth.join(", ")}`,
    `one log in ${plan.realEvery} is real: a byte that is printed takes ${shown(outcome.log_ratio)} on the disk`,
    `${outcome.objects.toLocaleString("en-US")} objects stored, ${outcome.refused.toLocaleString("en-US")} refused while the store was away`,
    `${outcome.recalled} jobs read back from the store, ${outcome.spoilt.length} not as they were; ${outcome.unkept} not purged; ${outcome.left.length} files left`,
    `flushes ${shown(outcome.days.at(-1)?.flushes_per_job ?? 0)} and ${shown(outcome.days.at(-1)?.written_kib_per_job ?? 0)} KiB written for each job; a start takes ${shown(outcome.start_s)} s`,
    `load average ${loadavg().map(shown).join(", ")}`,
  ].join("\n");
}
