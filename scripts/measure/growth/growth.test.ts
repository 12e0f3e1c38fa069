import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { live } from "./life.ts";
import { tell } from "./tell.ts";

const JOBS = 400;

/** What stays of a job for ever, rows for each at most: lists, search and other jobs ask for it. All other tables must not grow. */
const KEPT: Readonly<Record<string, number>> = {
  job: 1,
  archive: 1,
  attempt: 1.1,
  attempt_time: 9,
  worker: 1.1,
  tag: 3,
  file: 1,
  input: 1,
  output: 1,
};
/** Users, targets, factories, settings: as many as there are of them. */
const FEW = 50;

test("days of jobs end, are archived and purged, and leave behind what lists and search need, and nothing else", async () => {
  const dir = mkdtempSync(join(tmpdir(), "growth-"));
  try {
    const plan = { jobs: JOBS, days: 2, workers: 10, realEvery: 50, logsPerDay: 5_000_000 };
    const outcome = await live({ plan, dir });
    const { days, rest, tables, unkept, recalled, spoilt, left } = outcome;
    expect(tell(outcome)).toContain("8 jobs read back from the store, 0 not as they were; 0 not purged; 0 files left");
    expect(days.map(({ jobs }) => jobs)).toEqual([JOBS / 2, JOBS]);
    expect({ unkept, spoilt, left }).toEqual({ unkept: 0, spoilt: [], left: [] });
    expect(recalled).toBe(JOBS / plan.realEvery);
    expect(days[0]?.logs_gb).toBeGreaterThan(0);
    expect(rest).toMatchObject({ backlog: 0, logs_gb: 0, files_gb: 0, worker_logs: 0 });
    const grown = tables.filter(({ table, rows_at_rest: rows }) => rows > Math.max(FEW, (KEPT[table] ?? 0) * JOBS));
    expect(grown).toEqual([]);
    // Most of what a job has goes with it.
    const purged = tables.filter(({ table }) => ["task", "task_verdict", "output_rule", "store"].includes(table));
    expect(purged.map(({ rows, rows_at_rest }) => [rows > 0, rows_at_rest])).toEqual(Array(4).fill([true, 0]));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
