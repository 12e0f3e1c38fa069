import { reasonOf } from "../core/common/errors.ts";
import { getBrowser } from "./browser.ts";
import { compileAgent } from "./compile.ts";
import { type Outcome, runTests } from "./run-tests.ts";

/** Each step counts as one test of its own, so that the last line tells of everything. */
const CHECKS: Record<string, string[]> = {
  "format and lint": ["node_modules/.bin/biome", "check", "--error-on-warnings", "."],
  types: ["node_modules/.bin/tsc", "--noEmit"],
};

async function check(name: string, command: string[]): Promise<Outcome> {
  console.error(`== ${name}`);
  const code = await Bun.spawn([process.execPath, ...command], { stdout: "inherit", stderr: "inherit" }).exited;
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** More than two cores can do: much of a test is waiting. */
const AT_ONCE = 3;

async function tests(filter: string[]): Promise<Outcome> {
  console.error("== tests");
  return await runTests([`--parallel=${AT_ONCE}`, ...filter]);
}

const USAGE = `Usage: scripts/test [FILTER...]

Formats and lints, type-checks and runs all tests; with FILTER, only the tests whose path contains it. The last line is
"N passed, N failed".
`;

async function main(filter: string[]): Promise<number> {
  if (filter.includes("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  await compileAgent("dist/buildomat-agent");
  if (filter.length === 0 || filter.some((part) => part.includes("browser"))) await getBrowser();
  const outcomes: Outcome[] = [];
  if (filter.length === 0) for (const [name, command] of Object.entries(CHECKS)) outcomes.push(await check(name, command));
  outcomes.push(await tests(filter));
  const sum = (key: keyof Outcome) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  return sum("failed") === 0 && sum("passed") > 0 ? 0 : 1;
}

process.exit(
  await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(reasonOf(error));
    console.log("0 passed, 1 failed");
    return 1;
  }),
);
