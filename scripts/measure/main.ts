import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { reasonOf } from "../../core/common/errors.ts";
import { type Column, Table } from "../../core/common/table.ts";
import { realWorld } from "../../core/common/world.ts";
import { compile, PROGRAMS } from "../compile.ts";
import { type Figure, figureOf, type Samples, shown } from "./figure.ts";
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

Options:
    --only NAME      only the work that gives this row (its first word is enough), for example log-one
    --rounds N       how often each work is repeated; the figure is the median (3)
    --quick          smaller work, one round: a first look
    --json           print an array of {name, value, unit, target, ok} instead of a table
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

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      rounds: { type: "string", default: "3" },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const { only, quick, json } = values;
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
