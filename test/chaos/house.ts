import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Client } from "../../core/client/client.ts";
import { realWorld } from "../../core/common/world.ts";
import { eventually } from "../e2e/service.ts";
import { mountsWith, processesWith } from "./processes.ts";
import { Program } from "./program.ts";
import { Network } from "./proxy.ts";

const AGENT = resolve("dist/buildomat-agent");
const ADMIN = "an-admin-token-for-tests";
const READY = "sandbox factory ready";

export interface HouseOptions {
  /** `embedded`: inside the server; `own`: a process beside it. */
  factory: "embedded" | "own";
  /** Called with the data directory before anything is in it. */
  furnish?(data: string): void;
  /** Called with it when the server has ended. */
  clear?(data: string): void;
}

/** A server and a factory as real processes, and a network between them that does what a test asks of it. */
export class House {
  readonly dir: string;
  readonly network: Network;
  readonly #options: HouseOptions;
  #server: Program | undefined;
  #factory: Program | undefined;
  #token = "";

  constructor(dir: string, network: Network, options: HouseOptions) {
    this.dir = dir;
    this.network = network;
    this.#options = options;
  }

  get data(): string {
    return join(this.dir, "data");
  }

  get server(): Program {
    if (!this.#server) throw new Error("the server was never started");
    return this.#server;
  }

  get factory(): Program {
    if (!this.#factory) throw new Error("there is no factory of its own");
    return this.#factory;
  }

  get admin(): Client {
    return this.#as(ADMIN);
  }

  /** Of the user whose jobs run here. */
  get client(): Client {
    return this.#as(this.#token);
  }

  /** Makes the house and moves in. @throws Error with the program's last words when it will not start */
  async open(): Promise<void> {
    mkdirSync(this.data);
    this.#options.furnish?.(this.data);
    await this.startServer();
    this.#token = (await this.admin.call("user_create", { body: { name: "alice" } })).token;
    if (this.#options.factory === "embedded") return;
    await this.admin.call("target_create", { body: { name: "default", desc: "for tests" } });
    const { token } = await this.admin.call("factory_create", { body: { name: "own" } });
    const core = `agent = "${AGENT}"\n[core]\nurl = "${this.network.url}"\ntoken = "${token}"\n`;
    writeFileSync(join(this.dir, "factory.toml"), core + this.#sandbox, { mode: 0o600 });
    await this.startFactory();
  }

  /** Also again, after it was killed: on another port, in the same directory. */
  async startServer(): Promise<void> {
    const embedded = this.#options.factory === "embedded";
    const config = join(this.dir, "server.toml");
    writeFileSync(config, this.#config + (embedded ? this.#sandbox : ""), { mode: 0o600 });
    this.#server = new Program("core/main.ts", ["--config", config, "--verbose"]);
    const { url } = JSON.parse(await this.#server.line('"serving"')) as { url: string };
    this.network.target = url;
    if (embedded) await this.#server.line(READY);
  }

  async startFactory(): Promise<void> {
    this.#factory = new Program("core/provider/main.ts", ["--config", join(this.dir, "factory.toml"), "--verbose"]);
    await this.#factory.line(READY);
  }

  async killServer(): Promise<void> {
    this.network.target = undefined;
    await this.server.kill();
  }

  /** Resolves when the core knows of no machine that may exist. */
  async empty(): Promise<void> {
    await eventually(async () => (await this.admin.call("workers_list", { query: { active: true } })).items.length === 0);
  }

  /** Everybody leaves, and nothing is left: no machine, process, mount or file. */
  async close(): Promise<void> {
    await this.empty();
    await eventually(() => this.#loose.length === 0);
    expect(await this.#factory?.stop()).toBeOneOf([0, undefined]);
    expect(await this.server.stop()).toBe(0);
    this.#options.clear?.(this.data);
    expect(processesWith(this.dir)).toEqual([]);
    expect(mountsWith(this.dir)).toEqual([]);
    expect(existsSync(this.#state)).toBe(false);
    expect(this.#groups).toEqual([]);
  }

  /** Ends whatever still runs. */
  async raze(): Promise<void> {
    await this.#factory?.kill();
    await this.#server?.kill();
    await this.network.close();
    this.#options.clear?.(this.data);
  }

  /** `buildomat job verify`: every hash is computed again from what the server hands out. */
  async verify(job: string): Promise<void> {
    const env = { PATH: process.env["PATH"] ?? "", HOME: this.dir, INPUT_URL: this.network.url, INPUT_SECRET: this.#token };
    const child = Bun.spawn([process.execPath, "cli/main.ts", "job", "verify", job], { stdio: ["ignore", "pipe", "pipe"], env });
    const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    expect({ status: await child.exited, out, err }).toMatchObject({ status: 0 });
  }

  get #state(): string {
    return join(this.dir, "state");
  }

  /** Pieces of uploads that belong to no file. */
  get #loose(): string[] {
    const all = existsSync(this.data) ? readdirSync(this.data, { recursive: true, encoding: "utf8" }) : [];
    return all.filter((name) => /^chunk\/.+|\.part$|\.new$/.test(name));
  }

  get #groups(): string[] {
    const name = `buildomat-${Bun.hash(this.#state).toString(16)}`;
    const scan = new Bun.Glob(`{,*/,*/*/,*/*/*/}${name}`).scanSync({ cwd: "/sys/fs/cgroup", onlyFiles: false });
    return existsSync("/sys/fs/cgroup") ? [...scan] : [];
  }

  get #config(): string {
    return `[general]
listen = "127.0.0.1:0"
baseurl = "${this.network.url}"
data = "${this.data}"
agent = "${AGENT}"
[admin]
token = "${ADMIN}"
[schedule]
safety_net = 1
lease = 2
long_poll_silence_limit = 2
restart_grace = 5
`;
  }

  get #sandbox(): string {
    return `[sandbox]\nslots = 1\nstate_dir = "${this.#state}"\n`;
  }

  /** The same, told of the first failure. */
  get hasty(): Client {
    return this.#as(this.#token, 0);
  }

  /** Unless told, a caller who outlives every fault. */
  #as(token: string, patience = 30_000): Client {
    return new Client({ world: realWorld(), url: this.network.url, token, patience });
  }
}

type Scenario = (name: string, work: (house: House) => Promise<void>) => void;

/**
 * Scenarios that share a house, one after the other; the last test is that nothing is left of it. Where the host cannot
 * isolate jobs, the programs must refuse to start and say why, and that is what is tested.
 */
export function household(options: HouseOptions, describeScenarios: (scenario: Scenario) => void): void {
  let dir = "";
  let house: House | undefined;
  let refused: unknown;
  beforeAll(async () => {
    // Not below a directory that is closed to others: the ids of a box must reach the factory's.
    dir = mkdtempSync(join(existsSync("/var/tmp") ? "/var/tmp" : tmpdir(), "chaos-"));
    chmodSync(dir, 0o711);
    house = new House(dir, await Network.open(), options);
    refused = await house.open().catch((error: unknown) => error);
  });
  let broken = false;
  const scenario: Scenario = (name, work) =>
    test(name, async () => {
      if (refused) return expect(String(refused)).toContain("cannot isolate jobs");
      if (broken || !house) throw new Error("an earlier scenario has left the house in disorder");
      broken = true;
      await work(house);
      broken = false;
    });
  describeScenarios(scenario);
  scenario("nothing is left over", (open) => open.close());
  afterAll(async () => {
    await house?.raze();
    rmSync(dir, { recursive: true, force: true });
  });
}
