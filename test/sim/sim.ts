import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "../../core/client/client.ts";
import { reasonOf } from "../../core/common/errors.ts";
import type { Fields, Logger } from "../../core/common/logger.ts";
import { CALM, type Climate, climateOf } from "./climate.ts";
import { Clock } from "./clock.ts";
import { Cloud, Factory } from "./cloud.ts";
import type { Machine } from "./machine.ts";
import { Network } from "./network.ts";
import { Broken, Observer } from "./observer.ts";
import { Killed, Process } from "./process.ts";
import { Random } from "./random.ts";
import { ADMIN_TOKEN, Server } from "./server.ts";
import { User, type Wanted } from "./workload.ts";

/** How long trouble lasts at most, and how long all may then take to come to rest, ms. */
const TROUBLE = 600_000;
const REST = 4 * 3600_000;

/** Events after which a life is taken to run in circles; others have some thousands. */
const MOST_STEPS = 50_000;

export interface Outcome {
  seed: number;
  /** What promise was broken; undefined in a good life. */
  broken: string | undefined;
  /** Hash of everything that happened: the same seed, the same life. */
  trace: string;
  steps: number;
  /** How long the life was, ms. */
  lasted: number;
  jobs: number;
  attempts: number;
}

export interface SimOptions {
  seed: number;
  /** Told of everything that happens. */
  onTrace?: ((line: string) => void) | undefined;
  climate?: Climate | undefined;
  /** How long all may take to come to rest when the trouble is over, ms. */
  rest?: number | undefined;
  /** Spoils something on purpose; called for each life of the server, and once before the first. */
  sabotage?: ((life: Life) => void) | undefined;
}

/** One simulated life: a server, factories, machines with agents, a user, and everything that goes wrong between them. */
export class Life {
  readonly baseurl = "http://core.sim";
  readonly clock = new Clock();
  readonly random: Random;
  readonly network: Network;
  readonly cloud: Cloud;
  readonly directory: string;
  /** Whose events happen whoever lives. */
  readonly nature = { name: "nature", alive: true, frozenUntil: 0 };
  climate: Climate = CALM;
  server: Server | undefined;
  readonly #options: SimOptions;
  readonly #hasher = new Bun.CryptoHasher("sha256");
  readonly #start: number;
  #observer: Observer | undefined;
  #user: User | undefined;
  #factories: Factory[] = [];
  #servers = 0;
  #broken: string | undefined;
  #steps = 0;
  #moving = 0;

  constructor(options: SimOptions) {
    this.#options = options;
    this.#start = this.clock.now;
    this.random = new Random(options.seed);
    this.directory = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "sim-"));
    mkdirSync(this.data);
    this.network = new Network({
      clock: this.clock,
      random: this.random.fork("network"),
      climate: () => this.climate,
      endpoint: () => this.server,
      onActed: (process, path) => this.#acted(process, path),
      trace: (line) => this.trace(line),
    });
    this.cloud = new Cloud(this);
  }

  get data(): string {
    return join(this.directory, "data");
  }

  trace(line: string): void {
    const told = `${((this.clock.now - this.#start) / 1000).toFixed(3)} ${line}`;
    this.#hasher.update(`${told}\n`);
    this.#options.onTrace?.(told);
  }

  /** Notes the first promise that was broken. */
  fail(what: string, error?: unknown): void {
    this.#broken ??= error === undefined ? what : `${what}: ${error instanceof Error ? error.stack : error}`;
  }

  /** Of a process; what it says when it is dead counts for nothing. */
  logger(process: Process): Logger {
    const say =
      (level: string) =>
      (message: string, fields: Fields = {}) => {
        if (process.alive) this.#options.onTrace?.(`        ${process.name} ${level}: ${message} ${inBrief(fields)}`);
      };
    const logger: Logger = { debug: () => {}, info: say("info"), warn: say("warn"), error: say("error"), with: () => logger };
    const alarm = (message: string, fields: Fields = {}) => {
      say("error")(message, fields);
      if (process.alive) this.fail(`${process.name}: ${message} ${inBrief(fields)}`);
    };
    if (process.name.startsWith("core")) logger.error = alarm;
    // An acknowledged event is on disk, whatever happens to the server.
    const { warn } = logger;
    logger.warn = (message, fields) => (message.includes("had acknowledged") ? alarm : warn)(message, fields);
    return logger;
  }

  async run(): Promise<Outcome> {
    try {
      this.#options.sabotage?.(this);
      await this.#prepare();
      await this.#live();
      this.#observer?.end();
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      this.fail(error.message);
    } finally {
      this.server?.bury();
      this.#observer?.close();
      rmSync(this.directory, { recursive: true, force: true });
    }
    const { machines } = this.cloud;
    return {
      seed: this.#options.seed,
      broken: this.#broken,
      trace: this.#hasher.digest("hex"),
      steps: this.#steps,
      lasted: this.clock.now - this.#start,
      jobs: this.#user?.wanted.length ?? 0,
      attempts: machines.length,
    };
  }

  /** In good weather: target, user and factories. */
  async #prepare(): Promise<void> {
    this.#startServer();
    const { clock, network, random } = this;
    const process = new Process({ clock, network, random, name: "operator" });
    const admin = new Client({ world: process.world, url: this.baseurl, token: ADMIN_TOKEN });
    const prepare = async () => {
      await admin.call("target_create", { body: { name: "default", desc: "simulated" } });
      const { token } = await admin.call("user_create", { body: { name: "alice" } });
      this.#user = new User(this, token);
      for (let i = 1; i <= random.between(1, 2); i++) {
        const factory = await admin.call("factory_create", { body: { name: `factory-${i}` } });
        this.#factories.push(new Factory(this, `factory-${i}`, factory.token));
      }
    };
    await this.#until(prepare());
  }

  /** Lets things happen until some work is done. */
  async #until<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const end = () => {
      done = true;
    };
    work.then(end, end);
    while (!done) await this.#step();
    return await work;
  }

  async #live(): Promise<void> {
    const { random, clock } = this;
    this.climate = this.#options.climate ?? climateOf(random.fork("climate"));
    const trouble = random.between(60_000, TROUBLE);
    for (const factory of this.#factories) factory.start();
    const user = this.#user;
    user?.work(random.between(1, 8), trouble / 2).catch((error: unknown) => this.fail("the user was refused", error));
    this.#disturb();
    const calm = clock.now + trouble;
    clock.after(this.nature, trouble, "calm", () => {
      this.climate = CALM;
    });
    while (clock.now < calm || !user?.done || !this.#observer?.atRest || this.cloud.machines.some(({ acts }) => acts)) {
      if (clock.now > calm + (this.#options.rest ?? REST) || this.#steps > MOST_STEPS)
        throw new Broken(`it never comes to rest: ${this.#observer?.left}`);
      await this.#step();
    }
    const wrong = user && (await this.#until(user.readBack()));
    if (wrong) throw new Broken(wrong);
  }

  /** Lets one thing happen, with all that comes of it at once. */
  async #step(): Promise<void> {
    this.#steps++;
    try {
      const step = this.clock.step();
      if (step && step.what !== "timer") this.trace(`${step.actor.name}: ${step.what}`);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    await this.#settle();
    if (this.server && !this.server.process.alive) this.#serverDied(this.server);
    this.#look();
    if (this.#broken !== undefined) throw new Broken(this.#broken);
  }

  #look(): void {
    try {
      this.#observer?.look();
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      this.fail(error.message);
    }
  }

  #acted(process: Process, path: string): void {
    const machine = this.cloud.machines.find(({ name }) => process.name.startsWith(`${name}.`));
    if (path.endsWith("/output") && machine?.acts && this.random.chance(this.climate.diesUploading)) {
      this.trace(`${machine.name} is hit while it uploads`);
      if (this.random.chance(0.5)) machine.killAgent();
      else machine.end(this.random.pick(["stopped", "gone"]));
    }
  }

  /** What comes of real bytes that have arrived has its turns too, however long these took. */
  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < 4; ) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.network.reading > 0 || this.#moving > 0 ? 0 : quiet + 1;
    }
  }

  /** Real bytes are on their way from one place to another, which takes no time of this clock. */
  async #during<T>(work: Promise<T>): Promise<T> {
    this.#moving++;
    try {
      return await work;
    } finally {
      this.#moving--;
    }
  }

  #startServer(): void {
    const { clock, network, random } = this;
    const process = new Process({ clock, network, random, name: `core.${++this.#servers}` });
    if (this.climate.serverKilled < Number.POSITIVE_INFINITY && random.chance(0.3)) process.fuse = random.between(1, 30);
    try {
      const store = { climate: () => this.climate, busy: <T>(work: Promise<T>) => this.#during(work) };
      const server = new Server(this.data, process, this.logger(process), store, (error) =>
        this.fail("a part of the server has ended", error),
      );
      this.server = server;
      this.trace(`${process.name} serves`);
      this.#observer ??= new Observer(this.data, this, (line) => this.trace(line));
      server.onCommit = () => this.#look();
      this.#options.sabotage?.(this);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      this.trace(`${process.name} was killed while it started`);
      this.#startLater();
    }
  }

  get machines(): readonly Machine[] {
    return this.cloud.machines;
  }

  get wanted(): readonly Wanted[] {
    return this.#user?.wanted ?? [];
  }

  #serverDied(server: Server): void {
    this.trace(`${server.process.name} is dead`);
    server.bury();
    this.server = undefined;
    this.#startLater();
  }

  #startLater(): void {
    const ms = this.random.between(1, this.random.pick([100, 5_000, 60_000]));
    this.clock.after(this.nature, ms, "server starts", () => this.#startServer());
  }

  /** Kills and stops servers and factories now and then, while the climate says so. */
  #disturb(): void {
    const { serverKilled, serverStopped, factoryKilled } = this.climate;
    this.#nowAndThen("kill the server", serverKilled, () => {
      // Somewhere in what it does next.
      if (this.server) this.server.process.fuse = this.random.between(1, this.random.pick([5, 50, 500]));
    });
    this.#nowAndThen("stop the server", serverStopped, () => {
      const { server } = this;
      if (!server?.process.alive) return;
      server.stop();
      this.clock.after(this.nature, 1, "server stops", () => server.process.kill());
    });
    for (const factory of this.#factories)
      this.#nowAndThen("kill a factory", factoryKilled, () => factory.kill(this.random.between(100, 30_000)));
  }

  #nowAndThen(what: string, mean: number, happen: () => void): void {
    if (mean === Number.POSITIVE_INFINITY) return;
    this.clock.after(this.nature, this.random.between(0, 2 * mean), what, () => {
      if (this.climate === CALM) return;
      happen();
      this.#nowAndThen(what, mean, happen);
    });
  }
}

const inBrief = (fields: Fields) =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${value instanceof Error ? reasonOf(value) : String(value)}`)
    .join(" ");

/** Lives one life through. */
export const simulate = (options: SimOptions): Promise<Outcome> => new Life(options).run();
