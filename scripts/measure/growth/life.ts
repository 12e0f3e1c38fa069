import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { type Logger, silent } from "../../../core/common/logger.ts";
import { Refused } from "../../../core/common/refused.ts";
import { Config } from "../../../core/config.ts";
import type { Core } from "../../../core/core.ts";
import { createFactory } from "../../../core/factory/factory.ts";
import { hashToken } from "../../../core/http/bearer.ts";
import { forgetOld, once } from "../../../core/http/idempotency.ts";
import { keepArchive } from "../../../core/job/archive/keep.ts";
import { withLog } from "../../../core/job/archive/recall.ts";
import { cancelJob } from "../../../core/job/cancel.ts";
import { describeJob } from "../../../core/job/describe.ts";
import { listJobs } from "../../../core/job/list.ts";
import { sealEndedJobs } from "../../../core/job/seal.ts";
import { getJob } from "../../../core/job/state.ts";
import { submitJob } from "../../../core/job/submit.ts";
import { openCore } from "../../../core/open.ts";
import { pass } from "../../../core/schedule/pass.ts";
import { createTarget } from "../../../core/target/target.ts";
import { createUser } from "../../../core/user/user.ts";
import { dropOldLogs } from "../../../core/worker/old-logs.ts";
import { Random } from "../../../test/sim/random.ts";
import { Fleet, newRequest } from "./fleet.ts";
import { bytesOf, type Day, Ledger, rowsOf } from "./ledger.ts";
import { arrivals, DAY, type Fate, fateOf, MINUTE, type Plan, START, submissionOf } from "./plan.ts";
import { StandIn } from "./stand-in.ts";
import { Time } from "./world.ts";

const TARGETS = ["linux", "linux-large", "illumos", "bench", "release"];
const USERS = 40;
const FACTORIES = 3;
/** Of so many submissions one is timed, with its flush to disk. */
const TIMED = 50;

/** One table at the end of the days, and once everything is over and purged. */
export interface TableGrowth {
  table: string;
  rows: number;
  rows_at_rest: number;
  bytes_at_rest: number;
}

export interface Outcome {
  plan: Plan;
  days: Day[];
  /** When everything has ended, is archived, purged, and its answers are forgotten. */
  rest: Day;
  tables: TableGrowth[];
  /** Jobs that are not archived and purged then. */
  unkept: number;
  /** Of the jobs whose bytes are real: how many were read back from the store, and which were not what they had been. */
  recalled: number;
  spoilt: string[];
  /** Files below the data directory that should not be there. */
  left: string[];
  /** What a log takes on the disk for each byte that was printed. */
  log_ratio: number;
  objects: number;
  refused: number;
  /** A server that starts on this database, s. */
  start_s: number;
}

export interface LifeOptions {
  plan: Plan;
  /** An empty directory. */
  dir: string;
  onDay?: (day: Day) => void;
}

/** Lets a core live through days of many jobs, whose clock is simulated. @throws Error for whatever goes wrong in it */
export async function live({ plan, dir, onDay = () => {} }: LifeOptions): Promise<Outcome> {
  const time = new Time();
  const standIn = new StandIn(plan, time);
  const config = configOf(plan, dir);
  mkdirSync(config.general.data, { recursive: true });
  const down = new AbortController();
  const faults: string[] = [];
  const logger: Logger = { ...silent, error: (message) => void faults.push(message), with: () => logger };
  const { sealer, storing, transferring } = standIn;
  const open = () => openCore(config, { world: time.world, logger, shutdown: down.signal, sealer, storing, transferring });
  const { core, close } = open();
  standIn.install(core);
  const life = new Life(plan, core, time, standIn);
  const parts = [sealEndedJobs(core), keepArchive(core), dropOldLogs(core)];
  for (const part of parts) part.catch((error: unknown) => faults.push(String(error)));
  const days: Day[] = [];
  for (let day = 1; day <= plan.days; day++) {
    await life.until(() => time.now >= START + day * DAY);
    days.push(life.ledger.endDay());
    onDay(days[day - 1] as Day);
    if (faults.length > 0) throw new Error(faults[0]);
  }
  const live = rowsOf(core);
  // Counting looks at every job there ever was: once an hour is enough.
  for (let at = time.now; !life.atRest; at += 60 * MINUTE) await life.until(() => time.now >= at);
  // Answers of creating calls are kept for a day, what machines have said for longer than jobs.
  const end = time.now + DAY + retentionOf(plan);
  await life.until(() => time.now >= end);
  const rest = life.ledger.endDay();
  const bytes = bytesOf(core);
  const tables = rowsOf(core).map(({ table, rows }) => ({
    table,
    rows: live.find((row) => row.table === table)?.rows ?? 0,
    rows_at_rest: rows,
    bytes_at_rest: bytes.get(table) ?? 0,
  }));
  const { unkept } = life;
  const left = filesLeft(config.general.data);
  const spoilt = await life.spoilt();
  if (faults.length > 0) throw new Error(faults[0]);
  down.abort();
  close();
  const begun = performance.now();
  open().close();
  return {
    plan,
    days,
    rest,
    tables,
    unkept,
    recalled: life.sampled.length,
    spoilt,
    left,
    log_ratio: standIn.ratio,
    objects: standIn.objects.count,
    refused: standIn.objects.refused,
    start_s: (performance.now() - begun) / 1000,
  };
}

/** For half of the time, everything is here too. ms */
const retentionOf = ({ days }: Plan) => (days / 2) * DAY;

const configOf = (plan: Plan, dir: string): Config =>
  Value.Decode(
    Config,
    Value.Default(Config, {
      general: { data: join(dir, "data") },
      admin: { token: "growth-growth-growth" },
      quota: { max_active_jobs: 1_000_000, max_bytes_mb: 1_000_000_000 },
      archive: { auto: true, purge: true, retention: retentionOf(plan) / 1000 },
      schedule: { worker_log_retention: retentionOf(plan) / 1000 },
    }),
  );

class Life {
  readonly ledger: Ledger;
  /** Jobs whose bytes are real, with the hash of their logs. */
  readonly sampled: string[] = [];
  readonly #plan: Plan;
  readonly #core: Core;
  readonly #time: Time;
  readonly #standIn: StandIn;
  readonly #random = new Random(1);
  readonly #fleet: Fleet;
  readonly #users: string[];
  /** The last job of each user. */
  readonly #last = new Map<string, string>();
  /** Of jobs that have no machine yet. */
  readonly #fates = new Map<string, Fate>();
  readonly #arrivals: Iterator<number>;
  #ticks = 0;
  #over = false;

  constructor(plan: Plan, core: Core, time: Time, standIn: StandIn) {
    this.#plan = plan;
    this.#core = core;
    this.#time = time;
    this.#standIn = standIn;
    for (const name of TARGETS) createTarget(core, name, "");
    for (let i = 1; i <= FACTORIES; i++) createFactory(core, `factory-${i}`, hashToken(`factory-${i}`));
    this.#users = Array.from({ length: USERS }, (_, i) => createUser(core, `user-${i}`, hashToken(`user-${i}`)));
    this.ledger = new Ledger(core, standIn);
    this.#fleet = new Fleet({ core, time, plan, standIn, random: this.#random, fateOf: (job) => this.#fateOf(job) });
    this.#arrivals = arrivals(plan, new Random(2));
    this.#next();
    time.at(START + MINUTE, () => this.#tick());
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await this.#time.step();
  }

  /** Everything has ended, and its local copies are gone. */
  get atRest(): boolean {
    return this.#over && this.#fleet.size === 0 && this.unkept === 0;
  }

  /** Jobs that are not yet archived, purged and cleared away. */
  get unkept(): number {
    const { db } = this.#core;
    const one = (sql: string) => db.query<{ count: number }, []>(sql).get()?.count ?? 0;
    // By way of their indexes.
    return (
      one("SELECT count(*) AS count FROM job WHERE state IN ('waiting', 'queued', 'running')") +
      one("SELECT count(*) AS count FROM job WHERE state IN ('completed', 'failed') AND time_archived IS NULL") +
      one("SELECT count(*) AS count FROM archive WHERE step = 'archived' AND purge_at IS NOT NULL") +
      one("SELECT count(*) AS count FROM archive WHERE step = 'purged'")
    );
  }

  /** What of the real jobs does not read back from the store as it was. */
  async spoilt(): Promise<string[]> {
    const core = this.#core;
    const wrong: string[] = [];
    for (const id of this.sampled) {
      const job = getJob(core, id);
      const described = await describeJob(core, job);
      const hasher = new Bun.CryptoHasher("sha256");
      await withLog(core, job, () => {
        for (const lines of core.logs.lines(id)) hasher.update(lines);
      });
      if (described.tasks.length !== 2 || hasher.digest("hex") !== job.log_sha256) wrong.push(id);
    }
    return wrong;
  }

  #next(): void {
    const { value, done } = this.#arrivals.next();
    this.#over = done === true;
    if (value !== undefined)
      this.#time.at(value, () => {
        this.#submit();
        this.#next();
      });
  }

  #submit(): void {
    const core = this.#core;
    const random = this.#random;
    const number = ++this.ledger.jobs;
    // Some have much more to do than others.
    const owner = this.#users[Math.floor(USERS * random.next() ** 2)] ?? "";
    const prior = random.chance(0.15) ? this.#last.get(owner) : undefined;
    const submission = submissionOf(random, number, TARGETS[number % TARGETS.length] ?? "", prior);
    const submit = () =>
      once({ core, request: newRequest(core, "/0/jobs"), principal: owner, asked: submission }, () =>
        submitJob(core, owner, submission),
      );
    const { flushes } = this.#standIn;
    flushes.real = number % TIMED === 0;
    const job = flushes.real ? this.ledger.timed("submit", submit) : submit();
    flushes.real = false;
    this.#last.set(owner, job);
    const fate = fateOf(this.#plan, random);
    this.#fates.set(job, fate);
    if (number % this.#plan.realEvery === 0) {
      this.sampled.push(job);
      this.#standIn.real.add(job);
    }
    if ((submission.inputs ?? []).length > 0) void this.#time.instantly(this.#fleet.upload(job, "input", "source.tar.gz"));
    if (fate.end === "is cancelled") this.#time.at(this.#time.now + fate.run / 2, () => this.#cancel(job));
    this.#fleet.fill();
  }

  #cancel(job: string): void {
    try {
      cancelJob(this.#core, job, "its user");
    } catch (error) {
      // It was faster.
      if (!(error instanceof Refused && error.status === 409)) throw error;
    }
    this.#fates.delete(job);
  }

  #fateOf(job: string): Fate {
    const fate = this.#fates.get(job);
    this.#fates.delete(job);
    // Another try goes well.
    return fate ?? { ...fateOf(this.#plan, this.#random), end: "completes" };
  }

  /** What the server and its factories do all the time, once a minute. */
  #tick(): void {
    const core = this.#core;
    this.ledger.timed("pass", () => pass(core));
    this.#fleet.clear();
    this.#fleet.fill();
    this.ledger.look(this.#fleet.size);
    if (++this.#ticks % 10 === 0) forgetOld(core);
    if (this.#ticks % 30 === 0) {
      const owner = this.#users[this.#ticks % USERS] ?? "";
      this.ledger.timed("list", () => listJobs(core, owner, { recent_first: true }));
      this.ledger.timed("tag_list", () => listJobs(core, owner, { recent_first: true, tag: "branch=main" }));
    }
    this.#time.at(this.#time.now + MINUTE, () => this.#tick());
  }
}

/** Files that are left of jobs and machines when all are purged. */
const filesLeft = (data: string): string[] =>
  ["log", "file", "chunk", "cache"].flatMap((name) =>
    readdirSync(join(data, name), { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory() || name === "file")
      .map((entry) => join(entry.parentPath, entry.name)),
  );
