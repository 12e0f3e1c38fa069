import type { Instance } from "@aws-sdk/client-ec2";
import type { Logger } from "../../common/logger.ts";
import type { World } from "../../common/world.ts";
import { type Machine, type MachineState, NoRoom, type Order, type Provider } from "../provider.ts";
import { type AwsConfig, type AwsTarget, metadataOf } from "./config.ts";
import type { Ec2 } from "./ec2.ts";
import { nodeName, placeOf, tagOf, tagsOf } from "./launch.ts";
import { Launcher } from "./launcher.ts";
import type { UserData } from "./user-data.ts";
import { Warm } from "./warm.ts";

export interface AwsOptions {
  world: World;
  logger: Logger;
  config: AwsConfig;
  ec2: Ec2;
  /** What tells this factory's machines from those of others that use the same tag. */
  factory: string;
  /** What machines run first. */
  userData: UserData;
}

/** EC2 may show an instance so much later than it made it, in ms. */
export const GRACE = 120_000;
const CONSOLE_LINES = 200;
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

const STATES: Record<string, MachineState> = {
  pending: "running",
  running: "running",
  stopping: "ending",
  stopped: "stopped",
  "shutting-down": "ending",
  terminated: "gone",
};

/** EC2 had better use for a spot instance. Source: StateReason in the EC2 API reference. */
const INTERRUPTED = new Set(["Server.SpotInstanceTermination", "Server.SpotInstanceShutdown"]);
/** TerminateInstances. */
const BY_US = "Client.UserInitiatedShutdown";

interface Known extends Machine {
  target: string | undefined;
  /** When it was launched, or started, by this process, ms. */
  launched?: number;
}

/** Machines of EC2; see docs/ec2.md. The tags of the instances and the core's list of workers are all that is known of them. */
export class Aws implements Provider {
  readonly #options: AwsOptions;
  readonly #launcher: Launcher;
  readonly #warm: Warm;
  #listed: readonly Known[] = [];
  /** Launched or started, but not shown so by EC2 yet. */
  readonly #fresh = new Map<string, Known>();
  /** Targets of the machines that are being made, one entry each. */
  readonly #making: string[] = [];

  constructor(options: AwsOptions) {
    this.#options = options;
    this.#launcher = new Launcher(options);
    this.#warm = new Warm({ ...options, launcher: this.#launcher, grace: GRACE });
  }

  async list(): Promise<Machine[]> {
    const { ec2, world } = this.#options;
    const instances = await ec2.instances();
    this.#warm.heard(instances);
    this.#learnFrom(instances);
    const shown = instances.map((instance) => this.#machineOf(instance));
    for (const { id, worker, state } of shown)
      if (worker === this.#fresh.get(id)?.worker && state !== "stopped") this.#fresh.delete(id);
    for (const { id, launched = 0 } of this.#fresh.values()) if (world.now() - launched >= GRACE) this.#fresh.delete(id);
    this.#listed = [...shown.filter(({ id }) => !this.#fresh.has(id)), ...this.#fresh.values()];
    return [...this.#listed];
  }

  accepts(name: string): boolean {
    return this.#running < this.#options.config.limit_total && this.#mayHave(name);
  }

  async upkeep({ draining }: { draining: boolean }): Promise<void> {
    // The next job must find room: its lease may be on the way.
    await this.#warm.upkeep(draining, () => this.#running + 1 < this.#options.config.limit_total);
  }

  async create(order: Order): Promise<void> {
    const target = this.#options.config.targets[order.target];
    if (!target) throw new Error(`the config has no target ${order.target}`);
    if (!this.#mayHave(order.target)) throw new NoRoom(`nothing to be had for target ${order.target}`);
    this.#warm.use(order.target);
    this.#making.push(order.target);
    try {
      await this.#make(order, target);
    } finally {
      this.#making.splice(this.#making.indexOf(order.target), 1);
    }
  }

  async destroy({ id }: Machine): Promise<MachineState> {
    try {
      return STATES[(await this.#options.ec2.terminate(id)) ?? ""] ?? "ending";
    } catch (error) {
      // Not shown yet, or not any more: a later list tells.
      if (error instanceof Error && error.name === "InvalidInstanceID.NotFound") return "ending";
      throw error;
    }
  }

  async console({ id }: Machine): Promise<string[]> {
    const lines = (await this.#options.ec2.console(id)).split(/\r*\n/);
    return lines.filter((line) => line !== "").slice(-CONSOLE_LINES);
  }

  async #make(order: Order, target: AwsTarget): Promise<void> {
    const { config, factory, userData, world } = this.#options;
    await this.#launcher.learn(target);
    const { worker, bootstrap } = await order.record({ withJob: false });
    const script = await userData.work(worker, bootstrap);
    const tags = tagsOf(config.tag, nodeName(worker), { worker, job: order.job, target: order.target, factory });
    const prepared = await this.#warm.start(order.target, script, tags);
    const instance = prepared ?? (await this.#launcher.launch({ target, tags, userData: script, token: worker }));
    const found = this.#machineOf(instance);
    const machine: Known = {
      ...found,
      details: { ...found.details, ...(prepared ? { prepared: "yes" } : {}) },
      ...{ worker, job: order.job, state: "running", launched: world.now() },
    };
    this.#fresh.set(machine.id, machine);
    await order.announce(machine);
  }

  /** Machines that ended make room in quotas. Some end because EC2 found only after it had launched or started them that it has no capacity. */
  #learnFrom(instances: readonly Instance[]): void {
    const running = new Set(this.#ofJobs().map(({ id }) => id));
    const { places } = this.#launcher;
    for (const instance of instances) {
      if (!running.has(instance.InstanceId ?? "") || STATES[instance.State?.Name ?? ""] === "running") continue;
      const [kind, code = ""] = instance.StateReason?.Code?.split(".") ?? [];
      if (kind !== "Server" || !places.lacks(placeOf(instance), code)) places.freed();
    }
  }

  /** Whether there may be a machine for the target, were there room for it. */
  #mayHave(name: string): boolean {
    const target = this.#options.config.targets[name];
    if (!target || this.#countOf(name) >= (target.limit ?? Number.POSITIVE_INFINITY)) return false;
    return this.#warm.has(name) || this.#launcher.mayHave(target);
  }

  /** Machines that run or will, those that are prepared too. */
  get #running(): number {
    return this.#ofJobs().length + this.#making.length + this.#warm.preparing;
  }

  /** Machines of the target, in the making too. */
  #countOf(target: string): number {
    const made = this.#ofJobs().filter((machine) => machine.target === target);
    return made.length + this.#making.filter((name) => name === target).length;
  }

  #ofJobs(): Known[] {
    const all = new Map([...this.#listed, ...this.#fresh.values()].map((machine) => [machine.id, machine]));
    return [...all.values()].filter(({ worker, state }) => worker !== undefined && (state === "running" || state === "stopped"));
  }

  #machineOf(instance: Instance): Known {
    const { config, factory } = this.#options;
    const tag = tagOf(config.tag, instance);
    const idIn = (value = "") => (ULID.test(value) ? value : undefined);
    const name = tag("target");
    const target = name === undefined ? undefined : config.targets[name];
    const spot = instance.InstanceLifecycle === "spot";
    const ended = whyEnded(instance);
    return {
      id: instance.InstanceId ?? "",
      // Those of the original have no factory's name.
      worker: (tag("factory") ?? factory) === factory ? idIn(tag("worker")) : undefined,
      job: idIn(tag("job")),
      target: name,
      state: STATES[instance.State?.Name ?? ""] ?? "running",
      ...(instance.PrivateIpAddress ? { ip: instance.PrivateIpAddress } : {}),
      ...(target ? { metadata: metadataOf(config, target, spot) } : {}),
      ...(INTERRUPTED.has(instance.StateReason?.Code ?? "") ? { interrupted: "EC2" } : {}),
      ...(ended === undefined ? {} : { ended }),
      details: {
        instance_type: instance.InstanceType ?? "",
        zone: instance.Placement?.AvailabilityZone ?? "",
        image: instance.ImageId ?? "",
        market: spot ? "spot" : "on demand",
      },
    };
  }
}

/** In EC2's words. One that boots has a reason too, for which it is not there yet. */
function whyEnded({ State, StateReason }: Instance): string | undefined {
  const { Code: code, Message: words = code } = StateReason ?? {};
  return STATES[State?.Name ?? ""] === "running" || code === BY_US ? undefined : words;
}
