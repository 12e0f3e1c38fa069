import { parseArgs } from "node:util";
import { Killed } from "./process.ts";
import { type Outcome, simulate } from "./sim.ts";

const USAGE = "Usage: scripts/sim [--seeds N] [--from SEED] [--verbose]";

/** What a killed process was in the middle of ends with it; anything else that nobody caught is a fault. */
let uncaught: unknown;
process.on("unhandledRejection", (error) => {
  if (!(error instanceof Killed)) uncaught ??= error;
});

async function live(seed: number, verbose: boolean): Promise<Outcome> {
  const outcome = await simulate({ seed, onTrace: verbose ? (line) => console.log(line) : undefined });
  if (uncaught === undefined) return outcome;
  const broken = `nobody caught: ${uncaught instanceof Error ? uncaught.stack : String(uncaught)}`;
  uncaught = undefined;
  return { ...outcome, broken: outcome.broken ?? broken };
}

interface Tally {
  passed: number;
  failed: number;
  hours: number;
}

async function liveAll(from: number, seeds: number, verbose: boolean): Promise<Tally> {
  let failed = 0;
  let hours = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const { broken, trace, steps, lasted, jobs, attempts } = await live(seed, verbose);
    hours += lasted / 3600_000;
    if (broken === undefined && !verbose) continue;
    const what = `${steps} steps, ${jobs} jobs on ${attempts} machines, trace ${trace.slice(0, 16)}`;
    console.log(
      broken === undefined
        ? `seed ${seed}: ${what}`
        : `seed ${seed} FAILED: ${broken}\n  ${what}\n  again: scripts/sim --seeds 1 --from ${seed} --verbose`,
    );
    if (broken !== undefined) failed++;
  }
  return { passed: seeds - failed, failed, hours };
}

/** Seeds of one process: each life leaves some memory behind, as whatever is killed in it never settles. */
const BATCH = 100;

/** Lives through many seeds in processes of their own, as many at a time as there are processors. */
async function liveApart(from: number, seeds: number): Promise<Tally> {
  const sum: Tally = { passed: 0, failed: 0, hours: 0 };
  const starts = Array.from({ length: Math.ceil(seeds / BATCH) }, (_, i) => from + i * BATCH);
  const workThrough = async () => {
    for (let start = starts.shift(); start !== undefined; start = starts.shift()) {
      const count = Math.min(BATCH, from + seeds - start);
      const tally = await batch(start, count);
      for (const key of ["passed", "failed", "hours"] as const) sum[key] += tally[key];
      process.stderr.write(`seeds ${start} to ${start + count - 1}: ${said(tally)}\n`);
    }
  };
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, workThrough));
  return sum;
}

/** One process's share. What it says of failures is passed on; one that dies has failed all its seeds. */
async function batch(from: number, seeds: number): Promise<Tally> {
  const child = Bun.spawn([process.execPath, import.meta.path, "--seeds", `${seeds}`, "--from", `${from}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = (await new Response(child.stdout).text()).trimEnd().split("\n");
  const [, passed, failed, hours] = /^(\d+) passed, (\d+) failed \(([\d.]+) /.exec(lines.pop() ?? "") ?? [];
  for (const line of lines) console.log(line);
  if (passed !== undefined) return { passed: Number(passed), failed: Number(failed), hours: Number(hours) };
  console.log(`seeds ${from} to ${from + seeds - 1} FAILED: their process ended with status ${await child.exited}`);
  return { passed: 0, failed: seeds, hours: 0 };
}

const said = ({ passed, failed, hours }: Tally) => `${passed} passed, ${failed} failed (${hours.toFixed(1)} simulated hours)`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "100" },
      from: { type: "string", default: "1" },
      verbose: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const [seeds, from, verbose] = [Number(values.seeds), Number(values.from), values.verbose === true];
  if (!Number.isInteger(seeds) || seeds < 1 || !Number.isInteger(from) || from < 0) throw new Error(USAGE);
  const tally = seeds > BATCH && !verbose ? await liveApart(from, seeds) : await liveAll(from, seeds, verbose);
  console.log(said(tally));
  return tally.failed === 0 ? 0 : 1;
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
}
