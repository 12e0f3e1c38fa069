import { parseArgs } from "node:util";
import { Killed } from "./process.ts";
import { type Outcome, simulate } from "./sim.ts";

const USAGE = "usage: scripts/sim [--seeds N] [--from SEED] [--verbose]";

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

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { seeds: { type: "string", default: "100" }, from: { type: "string", default: "1" }, verbose: { type: "boolean" } },
  });
  const [seeds, from] = [Number(values.seeds), Number(values.from)];
  if (!Number.isInteger(seeds) || seeds < 1 || !Number.isInteger(from) || from < 0) throw new Error(USAGE);
  let failed = 0;
  let hours = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const { broken, trace, steps, lasted, jobs, attempts } = await live(seed, values.verbose === true);
    hours += lasted / 3600_000;
    if (broken === undefined && !values.verbose) continue;
    const what = `${steps} steps, ${jobs} jobs on ${attempts} machines, trace ${trace.slice(0, 16)}`;
    console.log(
      broken === undefined
        ? `seed ${seed}: ${what}`
        : `seed ${seed} FAILED: ${broken}\n  ${what}\n  again: scripts/sim --seeds 1 --from ${seed} --verbose`,
    );
    if (broken !== undefined) failed++;
  }
  console.log(`${seeds - failed} passed, ${failed} failed (${hours.toFixed(1)} simulated hours)`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
}
