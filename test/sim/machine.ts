import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Agent } from "../../agent/agent.ts";
import { runAgent } from "../../agent/run.ts";
import { CallFailed } from "../../core/client/failure.ts";
import type { MachineState } from "../../core/provider/provider.ts";
import type { Actor } from "./clock.ts";
import { Process } from "./process.ts";
import type { Random } from "./random.ts";
import { type Machinery, play, type Step } from "./script.ts";
import type { Life } from "./sim.ts";

/** How long a supervisor waits before it starts an agent again, ms. */
const AGAIN = 3_000;
const FOR_EVER = 30 * 24 * 3600_000;

/** A machine of the simulated provider, with the agent that runs on it and what its job did there. */
export class Machine implements Actor {
  readonly name: string;
  readonly worker: string;
  readonly job: string;
  readonly owner: string;
  state: MachineState = "running";
  /** The provider's list does not show it before, ms. */
  readonly shownFrom: number;
  alive = true;
  readonly frozenUntil = 0;
  /** Lines that each task has printed. */
  readonly printed = new Map<number, number>();
  /** Tasks that came to their end. */
  readonly ended = new Set<number>();
  /** SHA-256 of what each output held. */
  readonly outputs = new Map<string, string>();
  readonly #life: Life;
  readonly #random: Random;
  readonly #bootstrap: string;
  readonly #directory: string;
  #process: Process | undefined;
  #agent: Agent | undefined;
  #starts = 0;

  constructor(life: Life, about: { name: string; worker: string; job: string; owner: string; bootstrap: string }) {
    this.name = about.name;
    this.worker = about.worker;
    this.job = about.job;
    this.owner = about.owner;
    this.#bootstrap = about.bootstrap;
    this.#life = life;
    this.#random = life.random.fork(`machine ${about.name}`);
    this.#directory = join(life.directory, about.name);
    this.shownFrom = life.clock.now + (this.#random.chance(0.2) ? this.#random.between(0, 20_000) : 0);
    mkdirSync(this.#directory);
    const { neverBoots, dies, hangs, agentKilled, agentStopped, cut } = life.climate;
    const at = (what: string, ms: number, happen: () => void) => void life.clock.after(this, ms, what, happen);
    const soon = () => this.#random.between(0, this.#random.pick([500, 5_000, 20_000, 60_000, 200_000]));
    if (!this.#random.chance(neverBoots)) at("boot", this.#random.between(50, 15_000), () => this.#start());
    if (this.#random.chance(dies)) at("machine dies", soon(), () => this.end(this.#random.pick(["stopped", "gone"])));
    if (this.#random.chance(hangs)) at("machine hangs", soon(), () => this.#freeze(FOR_EVER));
    if (this.#random.chance(agentKilled)) at("agent killed", soon(), () => this.killAgent());
    if (this.#random.chance(agentStopped)) at("agent stopped", soon(), () => this.#freeze(soon()));
    if (this.#random.chance(cut)) at("cable out", soon(), () => this.#cut(soon()));
  }

  /** Whether an agent on it may still act, or wake up and act. */
  get acts(): boolean {
    return this.alive && this.state !== "gone";
  }

  /** Nothing runs on it any more. Its network is gone without a word. */
  end(state: "stopped" | "gone" | "ending"): void {
    this.state = state;
    this.alive = false;
    if (!this.#process) return;
    this.#process.cutUntil = Number.POSITIVE_INFINITY;
    this.#process.kill();
  }

  /** Its supervisor starts another one. */
  killAgent(): void {
    if (!this.#process) return;
    this.#process.kill();
    this.#life.clock.after(this, AGAIN, "agent again", () => this.#start());
  }

  #freeze(ms: number): void {
    if (this.#process) this.#process.frozenUntil = this.#life.clock.now + ms;
  }

  #cut(ms: number): void {
    if (this.#process) this.#process.cutUntil = this.#life.clock.now + ms;
  }

  #start(): void {
    const { clock, network, random, baseurl } = this.#life;
    const name = `${this.name}.${++this.#starts}`;
    const skew = this.#random.chance(0.3) ? this.#random.between(-300_000, 300_000) : 0;
    const process = new Process({ clock, network, random, name, skew, root: this.#directory });
    this.#process = process;
    const place = (what: string) => join(this.#directory, what);
    const work = runAgent({
      world: process.world,
      logger: this.#life.logger(process),
      config: { baseurl, bootstrap: this.#bootstrap, token: this.name.padEnd(64, "-token") },
      paths: {
        etc: place("etc"),
        run: place("run"),
        lib: place("lib"),
        input: place("input"),
        socket: place("sock"),
        shadow: place("shadow"),
        root: place("root"),
      },
      // Nothing is ever run here, so nothing needs another user.
      limits: { singleId: true, processes: undefined },
      start: (_, command, listener) => {
        const script = JSON.parse(readFileSync(command.argv[1] ?? "", "utf8")) as Step[];
        return play(this.#machinery(process), script, command, listener);
      },
      control: (agent) => {
        this.#agent = agent;
        return { stop: () => {} };
      },
      shutdown: new AbortController().signal,
    });
    work.catch((error: unknown) => {
      if (!process.alive) return;
      if (!(error instanceof CallFailed)) this.#life.fail(`the agent of ${this.name} has crashed`, error);
      this.killAgent();
    });
  }

  #machinery({ world }: Process): Machinery {
    return {
      world,
      line: (task) => {
        const number = (this.printed.get(task) ?? 0) + 1;
        this.printed.set(task, number);
        return `${this.name} ${task} ${number}`;
      },
      store: async (name) => {
        const { client, job } = this.#agent ?? {};
        if (!client || !job) throw new Error("a task runs without an agent");
        const body = { value: `from ${this.name}`, secret: false };
        await client.call("worker_job_store_put", { path: { job: job.id, name }, body }, { signal: job.halt.signal });
      },
      output: (path, bytes) => {
        const content = Buffer.alloc(bytes, `${this.name} wrote ${path}. `);
        mkdirSync(dirname(this.#directory + path), { recursive: true });
        writeFileSync(this.#directory + path, content);
        this.outputs.set(path, Bun.CryptoHasher.hash("sha256", content, "hex"));
      },
      input: (name, sha256) => {
        const found = Bun.CryptoHasher.hash("sha256", readFileSync(join(this.#directory, "input", name)), "hex");
        if (found !== sha256) this.#life.fail(`${this.name} has other bytes in its input ${name} than were sent`);
      },
      ended: (task) => void this.ended.add(task),
    };
  }
}
