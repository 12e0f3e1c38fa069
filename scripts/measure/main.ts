import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { reasonOf } from "../../core/common/errors.ts";
import { type Column, Table } from "../../core/common/table.ts";
import { realWorld } from "../../core/common/world.ts";
import { compile, PROGRAMS } from "../compile.ts";
import { type Figure, figureOf, type Samples, shown } from "./figure.ts";
import { live, type Outcome } from "./growth/life.ts";
import { dayLine, ratios, tell } from "./growth/tell.ts";
import { type Bench, collect, type Measure } from "./measure.ts";
import { writeSpec } from "./spec.ts";
import { cost } from "./work/cost.ts";
import { bare, sandboxed, waiting } from "./work/dispatch.ts";
import { files } from "./work/files.ts";
import { follow } from "./work/follow.ts";
import { github } from "./work/github.ts";
import { history } from "./work/growth.ts";
import { idle } from "./work/idle.ts";
import { crowd, logs } from "./work/logs.ts";
import { requests } from "./work/requests.ts";

const USAGE = `Usage: scripts/bench [options]

Measures what docs/spec.md promises, on real processes of this machine, as root. Writes docs/spec.md when all rows were measured in full.

       scripts/bench --growth [--jobs N] [--days D] [--workers W] [--json]

Lets the core live through days of many jobs over a simulated clock, and tells what grows; docs/scale.md says what is real in it. Writes nothing.

Options:
    --only NAME      only the work that gives this row (its first word is enough), for example log-one
    --rounds N       how often each work is repeated; the figure is the median (3)
    --quick          smaller work, one round: a first look
    --growth         the simulation: 1,000,000 jobs, 30 days, at most 500 machines, 10 GB of logs a day, unless told
    --jobs N         of all days; logs in proportion
    --days D
    --workers W      machines at the same time; jobs take so long that they are busy for more than half of the time
    --json           print an array of {name, value, unit, target, ok} instead of a table; of a growth, all that was seen
    --help           this text
`;

const MEASURES: readonly Measure[] = [
  sandboxed,
  bare,
  waiting,
  follow,
  logs,
  crowd,
  files,
  requests,
  history,
  github,
  idle,
  cost,
];

async function measured(measures: readonly Measure[], bench: Bench, rounds: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const measure of measures) {
    const names = measure.rows.map(({ name }) => name).join(", ");
    const samples: Samples = {};
    for (let round = 1; round <= rounds; round++) {
      process.stderr.write(`${names}: round ${round} of ${rounds}\n`);
      collect(samples, await measure.run(bench));
    }
    for (const row of measure.rows) {
      const values = samples[row.name];
      if (values) figures.push(figureOf(row, values));
      else process.stderr.write(`${row.name}: cannot be measured on this machine\n`);
    }
  }
  return figures;
}

const COLUMNS: readonly Column<Figure>[] = [
  { name: "name", width: 22, value: ({ row }) => row.name },
  { name: "target", width: 10, value: ({ row }) => (row.good === "shown" ? "" : shown(row.target)) },
  { name: "figure", width: 10, value: ({ value }) => shown(value) },
  { name: "unit", width: 8, value: ({ row }) => row.unit },
  { name: "spread", width: 22, value: ({ least, most }) => `${shown(least)} .. ${shown(most)}` },
  { name: "holds", width: 5, value: ({ row, ok }) => (row.good === "shown" ? "" : ok ? "yes" : "NO") },
];

function table(figures: readonly Figure[]): string {
  return new Table(COLUMNS, { now: realWorld().now() }).lines(figures).join("\n");
}

const asJson = (figures: readonly Figure[]) =>
  JSON.stringify(
    figures.map(({ row: { name, unit, target }, value, ok }) => ({ name, value, unit, target, ok })),
    null,
    2,
  );

/** Logs of 10 GB for every 33,333 jobs, as a day of the full size has them. */
const LOG_OF_A_JOB = 300_000;

async function grow(jobs: number, days: number, workers: number): Promise<Outcome> {
  if (![jobs, days, workers].every((count) => Number.isInteger(count) && count > 0) || days < 2)
    throw new Error("--jobs, --days and --workers are whole numbers, and there are at least two days");
  const plan = { jobs, days, workers, realEvery: 500, logsPerDay: (jobs / days) * LOG_OF_A_JOB };
  const dir = mkdtempSync("/var/tmp/buildomat-growth-");
  try {
    return await live({ plan, dir, onDay: (day) => void process.stderr.write(`${dayLine(day)}\n`) });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      rounds: { type: "string", default: "3" },
      quick: { type: "boolean", default: false },
      growth: { type: "boolean", default: false },
      jobs: { type: "string", default: "1000000" },
      days: { type: "string", default: "30" },
      workers: { type: "string", default: "500" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const { only, quick, json } = values;
  if (values.growth) {
    const outcome = await grow(Number(values.jobs), Number(values.days), Number(values.workers));
    console.log(json ? JSON.stringify({ ...outcome, ratios: ratios(outcome) }, null, 2) : tell(outcome));
    return;
  }
  const wanted = MEASURES.filter(({ rows }) => only === undefined || rows.some(({ name }) => name.startsWith(only)));
  if (wanted.length === 0) throw new Error(`no row is called ${only}`);
  const dir = mkdtempSync("/var/tmp/buildomat-programs-");
  try {
    const programs = {
      server: join(dir, "buildomat-server"),
      agent: join(dir, "buildomat-agent"),
      wollongong: join(dir, "wollongong-server"),
    };
    await compile(PROGRAMS["buildomat-server"], programs.server);
    await compile(PROGRAMS["buildomat-agent"], programs.agent);
    await compile(PROGRAMS["wollongong-server"], programs.wollongong);
    // Sandboxes read the agent as other users.
    await Bun.$`chmod -R a+rX ${dir}`.quiet();
    const figures = await measured(wanted, { programs, quick }, quick ? 1 : Number(values.rounds));
    console.log(json ? asJson(figures) : table(figures));
    if (only === undefined && !quick) await writeSpec("docs/spec.md", figures);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${reasonOf(error)}\n`);
  process.exit(1);
}
process.exit(0);
