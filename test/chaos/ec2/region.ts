import { expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "../../../core/client/client.ts";
import { realWorld, type World } from "../../../core/common/world.ts";
import { eventually } from "../../e2e/service.ts";
import type { Instance } from "../../fake/ec2/cloud.ts";
import { ACCESS_KEY, FakeEc2 } from "../../fake/ec2/fake.ts";
import { Program } from "../program.ts";
import { eventsOf } from "../work.ts";
import { Agents } from "./agents.ts";
import { Gate } from "./gate.ts";

const ADMIN = "an-admin-token-for-tests";
/** So much faster do the clocks of both programs go: the two minutes for which EC2 may hide an instance are two seconds. */
const SPEED = 60;
const CLOCK = { CLOCK_START: String(Date.now()), CLOCK_SPEED: String(SPEED) };
const preload = (name: string) => join(import.meta.dir, name);

const serverToml = (dir: string, gate: Gate) => `[general]
listen = "127.0.0.1:0"
baseurl = "${gate.coreUrl}"
data = "${join(dir, "data")}"
agent = "${join(dir, "agent")}"
[admin]
token = "${ADMIN}"
[schedule]
safety_net = 30
idle_limit = 60
# The agents' own clocks are not as fast.
long_poll_silence_limit = 36000
`;

/** The same clock for EC2. */
function fastWorld(): World {
  const real = realWorld();
  const began = Number(CLOCK.CLOCK_START);
  const now = () => began + (real.now() - began) * SPEED;
  return { ...real, now, after: (ms, ring) => real.after(ms / SPEED, ring) };
}

const factoryToml = (gate: Gate, token: string, warm: number) => `[core]
url = "${gate.coreUrl}"
token = "${token}"
[aws]
region = "us-test-1"
endpoint = "${gate.ec2Url}"
access_key_id = "${ACCESS_KEY}"
secret_access_key = "secret"
vpc = "vpc-0a"
subnet = "subnet-0a"
security_group = "sg-0a"
tag = "bmat"
limit_total = 5
[aws.targets.default]
instance_type = "c8a.large"
ami = "ami-0a"
root_size_gb = 20
warm = ${warm}
`;

/** A core, a factory and a region of EC2: three processes, the last of which is this one. */
export class Region implements AsyncDisposable {
  readonly gate: Gate;
  readonly #ec2 = new FakeEc2(fastWorld());
  readonly #agents: Agents;
  readonly #dir = mkdtempSync(join(tmpdir(), "region-"));
  #core: Program | undefined;
  #factory: Program | undefined;
  #token = "";

  private constructor() {
    Object.assign(this.#ec2.cloud.habits, { shownAfter: 6_000, bootsAfter: 18_000, endsAfter: 6_000 });
    this.#agents = new Agents(this.#ec2.cloud);
    this.gate = new Gate(this.#ec2.url);
  }

  /** @param warm so many instances are to be prepared */
  static async open(warm = 0): Promise<Region> {
    const region = new Region();
    writeFileSync(region.#file("server.toml"), serverToml(region.#dir, region.gate), { mode: 0o600 });
    writeFileSync(region.#file("agent"), "#!/bin/sh\n");
    await region.startCore();
    region.#token = (await region.#as(ADMIN).call("user_create", { body: { name: "alice" } })).token;
    await region.#as(ADMIN).call("target_create", { body: { name: "default", desc: "for tests" } });
    const { token } = await region.#as(ADMIN).call("factory_create", { body: { name: "ec2" } });
    writeFileSync(region.#file("factory.toml"), factoryToml(region.gate, token, warm), { mode: 0o600 });
    await region.startFactory();
    return region;
  }

  /** @param dieAfter so many commits, from `arm` on */
  async startCore(dieAfter?: number): Promise<void> {
    const env = { ...CLOCK, DIE_FROM: "SIGUSR2", ...(dieAfter === undefined ? {} : { DIE_AFTER: String(dieAfter) }) };
    const modules = [preload("clock.preload.ts"), preload("../die.preload.ts")];
    this.#core = new Program("core/main.ts", ["--config", this.#file("server.toml")], { preload: modules, env });
    this.gate.core = (JSON.parse(await this.#core.line('"serving"')) as { url: string }).url;
  }

  async startFactory(): Promise<void> {
    const modules = [preload("clock.preload.ts")];
    const args = ["--config", this.#file("factory.toml"), "--verbose"];
    this.#factory = new Program("core/provider/main.ts", args, { preload: modules, env: CLOCK });
    await this.#factory.line("EC2 factory ready");
  }

  killFactory = async (): Promise<void> => {
    await this.#factory?.kill();
  };

  /** The same, after the end of the one that runs. */
  async restartCore(dieAfter: number): Promise<void> {
    await this.#endCore();
    await this.startCore(dieAfter);
  }

  /** Has the core count its commits. */
  arm(): void {
    this.#core?.signal("SIGUSR2");
  }

  /** Resolves when the core has killed itself and runs again; with false when it was ended from outside. */
  async coreRevived(): Promise<boolean> {
    const core = this.#core;
    await core?.ended;
    if (this.#core !== core) return false;
    await this.startCore();
    return true;
  }

  async submit(): Promise<string> {
    const tasks = [{ name: "work", script: "echo line 1", env: {}, env_clear: false }];
    const body = { name: "chaos", target: "default", output_rules: [], inputs: [], tasks };
    return (await this.#as(this.#token).call("job_submit", { body })).id;
  }

  /** Resolves when an instance waits for a job, and the factory has seen it. */
  async warmed(): Promise<void> {
    await eventually(() => this.#spares.length === 1 && this.#areStopped);
    // What was under way may not show it yet.
    const [lists, pings] = [this.#count("DescribeInstances"), this.#count("factory_ping")];
    await eventually(() => this.#count("DescribeInstances") > lists + 1 && this.#count("factory_ping") > pings + 1);
  }

  /** The job ends as it should, and then no instance and no worker is left, but for those that wait for a job. */
  async settles(id: string): Promise<void> {
    const client = this.#as(this.#token);
    const job = () => client.call("job_get", { path: { job: id } });
    await eventually(async () => (await job()).log != null);
    const left = () => this.#ec2.cloud.living().length - this.#spares.length;
    await eventually(async () => left() === 0 && this.#areStopped && (await this.#workers()).length === 0);
    expect(this.#spares.length).toBeLessThanOrEqual(1);
    const events = await eventsOf(client, id);
    const told = events.map(({ stream, payload }) => `${stream}: ${payload}`);
    expect({ ...(await job()), told }).toMatchObject({ state: "completed" });
    expect(told.filter((line) => line === "stdout: line 1")).toHaveLength(1);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    expect(this.#agents.ran.get(id)).toHaveLength(1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#factory?.kill();
    await this.#agents[Symbol.asyncDispose]();
    await this.#endCore();
    await this.gate[Symbol.asyncDispose]();
    await this.#ec2[Symbol.asyncDispose]();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #endCore(): Promise<void> {
    const core = this.#core;
    this.#core = undefined;
    await core?.kill();
  }

  /** Instances without a worker. */
  get #spares(): Instance[] {
    return this.#ec2.cloud.living().filter(({ tags }) => tags["bmat-worker_id"] === undefined);
  }

  get #areStopped(): boolean {
    return this.#spares.every((one) => this.#ec2.cloud.stateOf(one) === "stopped");
  }

  #count(name: string): number {
    return this.gate.calls.filter((call) => call.name === name).length;
  }

  async #workers() {
    return (await this.#as(ADMIN).call("workers_list", { query: { active: true } })).items;
  }

  #file(name: string): string {
    return join(this.#dir, name);
  }

  #as(token: string): Client {
    return new Client({ world: realWorld(), url: this.gate.coreUrl, token, patience: 30_000 });
  }
}
