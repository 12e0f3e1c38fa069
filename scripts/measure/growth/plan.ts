import type { JobSubmit } from "../../../core/job/schema.ts";
import { Random } from "../../../test/sim/random.ts";

/** How much is simulated. */
export interface Plan {
  jobs: number;
  days: number;
  /** Machines at the same time. */
  workers: number;
  /** Of so many jobs one has its log, its outputs and its archive written for real; of the others they are counted. */
  realEvery: number;
  /** Text that all jobs of a day print, bytes. */
  logsPerDay: number;
}

export const DAY = 24 * 3600_000;
export const MINUTE = 60_000;
/** Midnight before a Monday. */
export const START = Date.UTC(2026, 0, 5);

/** How busy machines are on average; in the afternoon of a weekday there is more to do than they can. */
const BUSY = 0.55;
/** From an order to its machine's first word, and from a job's end to the machine's, ms on average. */
const BOOT = 40_000;
const LEAST_RUN = 5_000;
const LINE = 100;

/** Share of the jobs in a minute: most at two in the afternoon, fewest at night, less than half of it at a weekend. */
function weightAt(time: number): number {
  const hour = (time % DAY) / 3600_000;
  const weekend = [0, 6].includes(new Date(time).getUTCDay());
  return (1 + 0.75 * Math.cos(((hour - 14) / 12) * Math.PI)) * (weekend ? 0.4 : 1);
}

/** When each job comes, ms, in order. */
export function* arrivals({ jobs, days }: Plan, random: Random): Generator<number> {
  const minutes = Array.from({ length: days * 24 * 60 }, (_, i) => START + i * MINUTE);
  const all = minutes.reduce((sum, time) => sum + weightAt(time), 0);
  let due = 0;
  let come = 0;
  for (const time of minutes) {
    due += (jobs * weightAt(time)) / all;
    const now = time === minutes.at(-1) ? jobs : Math.round(due);
    const within = Array.from({ length: now - come }, () => time + random.between(0, MINUTE - 1));
    yield* within.sort((a, b) => a - b);
    come = now;
  }
}

/** What will become of a job. */
export interface Fate {
  /** How long its tasks take, ms. */
  run: number;
  boot: number;
  end: "completes" | "fails" | "is cancelled" | "loses its machine" | "never boots";
}

export function fateOf({ jobs, days, workers }: Plan, random: Random): Fate {
  const mean = (BUSY * workers * days * DAY) / jobs - BOOT - MINUTE / 2;
  const draw = random.next();
  return {
    run: Math.round(Math.min(4 * 3600_000, Math.max(LEAST_RUN, mean * spread(random)))),
    boot: random.between(BOOT / 2, (BOOT * 3) / 2),
    end:
      draw < 0.1
        ? "fails"
        : draw < 0.12
          ? "is cancelled"
          : draw < 0.13
            ? "loses its machine"
            : draw < 0.131
              ? "never boots"
              : "completes",
  };
}

/** Lines that a job prints, always the same for one job. */
export function linesOf(plan: Plan, job: string): number {
  const mean = (plan.logsPerDay * plan.days) / plan.jobs / LINE;
  return Math.max(1, Math.round(mean * spread(new Random(Number(BigInt.asUintN(32, BigInt(Bun.hash(job))))))));
}

/** Bytes of a job's text. */
export const textOf = (plan: Plan, job: string): number => linesOf(plan, job) * LINE;

/** Around 1: many little ones, few large ones (log-normal, sigma 1). */
function spread(random: Random): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Math.exp(normal - 0.5);
}

/** Of 100 bytes each, such as compilers and tests print. */
export function* printed(count: number, random: Random): Generator<string> {
  for (let i = 0; i < count; i++) {
    const text =
      i % 3 === 0
        ? `[${i}/${count}] CXX obj/${random.pick(["net", "core", "ui", "db"])}/module_${random.between(1, 400)}.o -O2 -g`
        : i % 3 === 1
          ? `test suite_${random.between(1, 90)}::case_${random.between(1, 4000)} ... ok (${random.between(1, 99_999)} us)`
          : `info: fetched ${random.pick(["crate", "package", "layer"])} ${random.next().toString(16).slice(2, 14)} (${random.between(1, 9_999)} KiB)`;
    yield text.padEnd(LINE, " .");
  }
}

/** Two tasks of some size, as a CI hands them in. @param prior a job that it waits for */
export function submissionOf(random: Random, number: number, target: string, prior: string | undefined): JobSubmit {
  const script = `#!/bin/bash\nset -o errexit\n${Array.from({ length: 12 }, (_, i) => `run_step_${i} --shard ${number} --verbose --with-everything-that-is-needed-for-it\n`).join("")}`;
  const env = { CI: "true", GITHUB_SHA: number.toString(16).padStart(40, "0"), GITHUB_REPOSITORY: `example/repo-${number % 40}` };
  return {
    name: `build-${number % 7}`,
    target,
    output_rules: ["/work/out/*", "=/work/report.xml"],
    tasks: ["build", "test"].map((name) => ({ name, script, env, env_clear: false, uid: 1000, gid: 1000, workdir: "/work" })),
    inputs: random.chance(0.1) ? ["source.tar.gz"] : [],
    tags: {
      repo: `example/repo-${number % 40}`,
      branch: random.chance(0.3) ? "main" : `change-${number}`,
      commit: env.GITHUB_SHA,
    },
    retries_on_lost_worker: 1,
    depends: prior ? { prior: { prior_job: prior, copy_outputs: true, on_completed: true, on_failed: false } } : {},
  };
}
