import { reasonOf } from "../core/common/errors.ts";
import { getBrowser } from "./browser.ts";
import { compileAgent } from "./compile.ts";

/** Each step counts as one test of its own, so that the last line tells of everything. */
const CHECKS: Record<string, string[]> = {
  "format and lint": ["node_modules/.bin/biome", "check", "--error-on-warnings", "."],
  types: ["node_modules/.bin/tsc", "--noEmit"],
};

/** Of one test, ms: generous, as tests run two at a time on whatever machine there is. */
const TIMEOUT = 60_000;

interface Outcome {
  passed: number;
  failed: number;
}

async function check(name: string, command: string[]): Promise<Outcome> {
  console.error(`== ${name}`);
  const code = await Bun.spawn([process.execPath, ...command], { stdout: "inherit", stderr: "inherit" }).exited;
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Runs the tests and reads their count off the closing lines, which bun writes to stderr. */
async function tests(filter: string[]): Promise<Outcome> {
  console.error("== tests");
  const child = Bun.spawn([process.execPath, "test", "--parallel=2", `--timeout=${TIMEOUT}`, ...filter], {
    stdout: "inherit",
    stderr: "pipe",
  });
  let tail = "";
  const text = new TextDecoder();
  for await (const piece of child.stderr) {
    process.stderr.write(piece);
    tail = (tail + text.decode(piece, { stream: true })).slice(-4000);
  }
  const code = await child.exited;
  const count = (word: string) => Number(new RegExp(`^ *(\\d+) ${word}$`, "m").exec(tail)?.[1] ?? 0);
  const failed = count("fail");
  return { passed: count("pass"), failed: code !== 0 && failed === 0 ? 1 : failed };
}

async function main(filter: string[]): Promise<number> {
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
