import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openReadOnly } from "../../core/common/sqlite/open.ts";
import type { LogEvent } from "../../core/log/logs.ts";
import { checkLog } from "./check-log.ts";
import type { Machine } from "./machine.ts";
import { type AttemptSeen, eventsIn, type JobSeen, Rows, sealOf } from "./rows.ts";
import { databaseIn } from "./server.ts";
import { Stored } from "./store.ts";
import { isSound, type Wanted } from "./workload.ts";

/** What must never be seen. */
export class Broken extends Error {}

/** Legal changes of state between two transactions, as docs/architecture.md has them; not the server's own tables. */
const JOB_MOVES: Record<string, readonly string[]> = {
  "": ["waiting", "queued"],
  waiting: ["queued", "failed"],
  queued: ["running", "failed"],
  running: ["completed", "failed"],
};
const WORKER_MOVES: Record<string, readonly string[]> = {
  "": ["created"],
  created: ["online", "recycling", "destroyed"],
  online: ["recycling", "destroyed"],
  recycling: ["destroyed"],
};

/** What is known from outside of the server. */
export interface Known {
  machines: readonly Machine[];
  wanted: readonly Wanted[];
}

/** Watches from outside that everything promised holds, transaction by transaction. */
export class Observer {
  readonly #data: string;
  readonly #rows: Rows;
  readonly #stored: Stored;
  readonly #known: Known;
  readonly #trace: (line: string) => void;
  #jobs = new Map<string, JobSeen>();
  #workers = new Map<string, string>();
  /** Workers whose agent was let in. */
  readonly #entered = new Set<string>();

  constructor(data: string, known: Known, trace: (line: string) => void) {
    this.#data = data;
    this.#rows = new Rows(databaseIn(data));
    this.#stored = new Stored(data);
    this.#known = known;
    this.#trace = trace;
  }

  /** @throws Broken */
  look(): void {
    this.#onOneMachine();
    if (!this.#rows.changed()) return;
    const attempts = this.#rows.attempts();
    const workers = new Map(this.#rows.workers().map(({ id, state }) => [id, state]));
    for (const [id, state] of workers) this.#moved("worker", id, WORKER_MOVES, this.#workers.get(id) ?? "", state);
    const jobs = new Map(this.#rows.jobs().map((job) => [job.id, job]));
    for (const job of jobs.values()) this.#jobMoved(job, attempts, workers);
    this.#jobs = jobs;
    this.#workers = workers;
    this.#nothingLost();
    this.#nothingOfLostAttempts(attempts);
  }

  /** Whether nothing is left to be done. */
  get atRest(): boolean {
    return this.#open.length === 0 && [...this.#workers.values()].every((state) => state === "destroyed");
  }

  /** What is left, in words. */
  get left(): string {
    const jobs = this.#open.map(({ name, state, time_archived }) => `${name} ${time_archived === null ? state : "archived"}`);
    const workers = [...this.#workers].filter(([, state]) => state !== "destroyed").map(([id, state]) => `worker ${id} ${state}`);
    const machines = this.#known.machines.filter(({ acts }) => acts).map(({ name }) => `machine ${name}`);
    return [...jobs, ...workers, ...machines].join(", ");
  }

  /** Jobs that are not over, or of which something is still here that is to be kept by the object store alone. */
  get #open(): JobSeen[] {
    const cleared = this.#rows.cleared();
    return [...this.#jobs.values()].filter(({ id }) => !cleared.has(id));
  }

  /** When everything has come to rest. @throws Broken */
  end(): void {
    this.look();
    const attempts = this.#rows.attempts();
    for (const [id, state] of this.#workers) if (state !== "destroyed") throw new Broken(`worker ${id} is ${state} at the end`);
    for (const { name, acts } of this.#known.machines) if (acts) throw new Broken(`machine ${name} is there at the end`);
    for (const job of this.#jobs.values()) this.#jobEnded(job, attempts);
    for (const { job, path, file, sha256 } of this.#rows.outputs()) {
      const found = Bun.CryptoHasher.hash("sha256", readFileSync(this.#stored.path(`file/${job}/${file}`)), "hex");
      if (found !== sha256) throw new Broken(`the bytes of output ${path} of job ${job} are not those that were committed`);
    }
  }

  close(): void {
    this.#rows.close();
  }

  #moved(what: string, id: string, moves: Record<string, readonly string[]>, from: string, to: string): void {
    if (from === to) return;
    this.#trace(`${what} ${id} ${from} -> ${to}`);
    if (to === "online") this.#entered.add(id);
    if (!moves[from]?.includes(to)) throw new Broken(`${what} ${id} went from ${from || "nothing"} to ${to}`);
  }

  #jobMoved(job: JobSeen, attempts: readonly AttemptSeen[], workers: ReadonlyMap<string, string>): void {
    const before = this.#jobs.get(job.id);
    const again = before !== undefined && job.attempt === before.attempt + 1;
    if (again) {
      this.#trace(`job ${job.id} is tried again`);
      const lost = attempts.find(({ job: of, number }) => of === job.id && number === before.attempt)?.worker ?? "";
      if (before.state !== "running" || job.state !== "queued" || workers.get(lost) !== "destroyed")
        throw new Broken(`job ${job.id} is tried again while it is ${before.state} and its worker ${workers.get(lost)}`);
    } else if (before && job.attempt !== before.attempt) {
      throw new Broken(`job ${job.id} went from attempt ${before.attempt} to ${job.attempt}`);
    } else for (const [from, to] of this.#steps(before, job)) this.#moved("job", job.id, JOB_MOVES, from, to);
    if (before?.log_sha256 === null && job.log_sha256 !== null)
      this.#isSealed(job, eventsIn(openReadOnly(join(this.#data, logOf(job)))));
    if (before?.log_sha256 && job.log_sha256 !== before.log_sha256) throw new Broken(`job ${job.id} was sealed twice`);
    this.#kept(before, job);
    const { reason = null } = attempts.find(({ job: of, number }) => of === job.id && number === job.attempt) ?? {};
    if (isOver(job) && !reason) throw new Broken(`job ${job.id} has ended without a reason`);
  }

  /** Nothing is said to be in the object store that is not there whole, and nothing goes here before. */
  #kept(before: JobSeen | undefined, { id, time_archived, time_purged }: JobSeen): void {
    const fault = before?.time_archived === null && time_archived !== null ? this.#stored.fault(id) : undefined;
    if (fault) throw new Broken(`job ${id} is archived, but ${fault}`);
    if (time_purged !== null && time_archived === null) throw new Broken(`job ${id} is purged, but not archived`);
    for (const [was, is] of [
      [before?.time_archived, time_archived],
      [before?.time_purged, time_purged],
    ])
      if (was && was !== is) throw new Broken(`job ${id} was archived or purged twice`);
  }

  /** A pass of the scheduler wakes a job and assigns it in one transaction: two moves, of which the first has left its time. */
  #steps(before: JobSeen | undefined, job: JobSeen): [from: string, to: string][] {
    const from = before?.state ?? "";
    if (from === "waiting" && job.state === "running" && this.#rows.wasReady(job.id))
      return [
        ["waiting", "queued"],
        ["queued", "running"],
      ];
    return [[from, job.state]];
  }

  /**
   * A machine that was given up may wake up at any time: until it is gone, its job must not be another's. One whose agent
   * was never let in can do nothing.
   */
  #onOneMachine(): void {
    const acting = this.#known.machines.filter(({ acts, worker }) => acts && this.#entered.has(worker));
    if (acting.length < 2) return;
    const at = new Map<string, string>();
    const worker = new Map(this.#rows.attempts().map((attempt) => [attempt.worker, attempt.job]));
    for (const machine of acting) {
      const job = worker.get(machine.worker);
      if (job === undefined) continue;
      const other = at.get(job);
      if (other) throw new Broken(`job ${job} is on two machines, ${other} and ${machine.name}`);
      at.set(job, machine.name);
    }
  }

  #nothingLost(): void {
    const names = new Map<string, string>();
    for (const { id, name } of this.#jobs.values()) {
      if (names.has(name)) throw new Broken(`${name} was submitted once and is there twice, as ${names.get(name)} and ${id}`);
      names.set(name, id);
    }
    for (const { name, id } of this.#known.wanted)
      if (id !== undefined && names.get(name) !== id) throw new Broken(`${name} was accepted as job ${id} and is not there`);
  }

  #nothingOfLostAttempts(attempts: readonly AttemptSeen[]): void {
    for (const { job, path, attempt } of this.#rows.outputs())
      if (attempt !== this.#jobs.get(job)?.attempt)
        throw new Broken(`job ${job} has the output ${path} of lost attempt ${attempt}`);
    for (const { job, name, value } of this.#rows.values()) {
      const machine = this.#machineOf(job, attempts);
      if (value !== `from ${machine?.name}`) throw new Broken(`job ${job} has the value ${name} "${value}" of a lost attempt`);
    }
  }

  #machineOf(job: string, attempts: readonly AttemptSeen[], number = this.#jobs.get(job)?.attempt): Machine | undefined {
    const worker = attempts.find((attempt) => attempt.job === job && attempt.number === number)?.worker;
    return this.#known.machines.find((machine) => machine.worker === worker);
  }

  #jobEnded(job: JobSeen, attempts: readonly AttemptSeen[]): void {
    const { id, name, state } = job;
    if (!isOver(job)) throw new Broken(`${name} is ${state} at the end`);
    for (const here of [logOf(job), join("file", id), join("chunk", id)])
      if (existsSync(join(this.#data, here))) throw new Broken(`${here} of ${name} is there although the job is purged`);
    const events = eventsIn(this.#stored.log(id));
    this.#isSealed(job, events);
    const own = attempts.filter((attempt) => attempt.job === id);
    const { verdicts } = this.#stored.record(id);
    const wrong = checkLog(
      events,
      own.map(({ number, worker, reason }) => ({
        worker,
        reason,
        machine: this.#machineOf(id, attempts, number),
        judged: verdicts.filter(({ attempt }) => attempt === number).map(({ seq }) => seq),
      })),
    );
    if (wrong) throw new Broken(`the log of ${name}: ${wrong}`);
    this.#madeItsOutputs(job, this.#machineOf(id, attempts));
  }

  #isSealed({ name, log_sha256, log_count, log_bytes }: JobSeen, events: readonly LogEvent[]): void {
    const seal = sealOf(events);
    if (log_sha256 !== seal.log_sha256 || log_count !== seal.log_count || log_bytes !== seal.log_bytes)
      throw new Broken(`the log of ${name} has ${seal.log_count} events and hash ${seal.log_sha256}, sealed as ${log_sha256}`);
  }

  #madeItsOutputs({ id, name, state }: JobSeen, machine: Machine | undefined): void {
    const outputs = this.#rows.outputs().filter(({ job }) => job === id);
    for (const { path, sha256 } of outputs)
      if (machine?.outputs.get(path) !== sha256) throw new Broken(`output ${path} of ${name} is not what ${machine?.name} made`);
    if (state !== "completed") return;
    const wanted = this.#known.wanted.find((one) => one.name === name);
    if (!wanted || !isSound(wanted)) throw new Broken(`${name} completed although one of its tasks fails`);
    if (outputs.length !== wanted.outputs.length)
      throw new Broken(`${name} completed with ${outputs.length} of ${wanted.outputs.length} outputs`);
  }
}

const logOf = ({ id }: JobSeen) => join("log", id.slice(-2), `${id}.sqlite`);

const isOver = ({ state }: JobSeen) => state === "completed" || state === "failed";
