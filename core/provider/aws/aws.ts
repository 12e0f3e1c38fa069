import type { Instance } from "@aws-sdk/client-ec2";
import type { Logger } from "../../common/logger.ts";
import type { World } from "../../common/world.ts";
import { type Machine, type MachineState, NoRoom, type Order, type Provider } from "../provider.ts";
import { type AwsConfig, type AwsTarget, metadataOf } from "./config.ts";
import type { Ec2 } from "./ec2.ts";
import { launchInput, TAGS } from "./launch.ts";
import { type Place, Places } from "./places.ts";

export interface AwsOptions {
  world: World;
  logger: Logger;
  config: AwsConfig;
  ec2: Ec2;
  /** What tells this factory's machines from those of others that use the same tag. */
  factory: string;
  /** What a new machine runs first. */
  userData(worker: string, bootstrap: string): Promise<string>;
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

interface Known extends Machine {
  target: string | undefined;
  /** When it was launched by this process, ms. */
  launched?: number;
}

/** Machines of EC2; see docs/ec2.md. The tags of the instances and the core's list of workers are all that is known of them. */
export class Aws implements Provider {
  readonly #options: AwsOptions;
  readonly #places: Places;
  #listed: readonly Known[] = [];
  /** Launched, but not shown by EC2 yet. */
  readonly #fresh = new Map<string, Known>();
  /** Targets of the machines that are being made, one entry each. */
  readonly #making: string[] = [];
  #subnets: { id: string; zone: string }[] | undefined;

  constructor(options: AwsOptions) {
    this.#options = options;
    this.#places = new Places(options.world);
  }

  async list(): Promise<Machine[]> {
    const { ec2, world } = this.#options;
    const shown = (await ec2.instances()).map((instance) => this.#machineOf(instance));
    for (const { id } of shown) this.#fresh.delete(id);
    for (const { id, launched = 0 } of this.#fresh.values()) if (world.now() - launched >= GRACE) this.#fresh.delete(id);
    this.#listed = [...shown, ...this.#fresh.values()];
    return [...this.#listed];
  }

  accepts(name: string): boolean {
    const target = this.#options.config.targets[name];
    if (!target || this.#countOf(name) >= (target.limit ?? Number.POSITIVE_INFINITY)) return false;
    return this.#subnets === undefined || this.#places.of(target, this.#subnets).length > 0;
  }

  async create(order: Order): Promise<void> {
    const target = this.#options.config.targets[order.target];
    if (!target) throw new Error(`the config has no target ${order.target}`);
    if (!this.accepts(order.target)) throw new NoRoom(`nothing to be had for target ${order.target}`);
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
    const { ec2, userData } = this.#options;
    const [subnets, image] = await Promise.all([ec2.subnets(), ec2.image(target.ami)]);
    this.#subnets = subnets;
    const { worker, bootstrap } = await order.record({ withJob: false });
    const launch = {
      ...this.#options,
      name: order.target,
      target,
      rootDevice: image.RootDeviceName ?? "/dev/sda1",
      worker,
      job: order.job,
      userData: await userData(worker, bootstrap),
    };
    const machine = this.#machineOf(await this.#launch(launch, this.#places.of(target, subnets)));
    this.#fresh.set(machine.id, { ...machine, worker, job: order.job, launched: this.#options.world.now() });
    await order.announce(machine);
  }

  /** Tries one place after the other. @throws NoRoom */
  async #launch(launch: Omit<Parameters<typeof launchInput>[0], "place" | "token">, places: readonly Place[]): Promise<Instance> {
    const { ec2, logger } = this.#options;
    for (const [at, place] of places.entries()) {
      try {
        const instance = await ec2.run(launchInput({ ...launch, place, token: `${launch.worker}-${at}` }));
        this.#places.had(place);
        return instance;
      } catch (error) {
        if (!this.#places.isShort(place, error)) throw error;
        logger.warn("no capacity there", { ...place, worker: launch.worker, error });
      }
    }
    throw new NoRoom(`EC2 has no capacity for target ${launch.name}`);
  }

  /** Machines of the target, in the making too. */
  #countOf(target: string): number {
    const made = [...this.#listed, ...this.#fresh.values()].filter(
      (machine) => machine.target === target && (machine.state === "running" || machine.state === "stopped"),
    );
    return new Set(made.map(({ id }) => id)).size + this.#making.filter((name) => name === target).length;
  }

  #machineOf(instance: Instance): Known {
    const { config, factory } = this.#options;
    const tags = new Map((instance.Tags ?? []).map(({ Key, Value = "" }) => [Key, Value]));
    const tag = (name: keyof typeof TAGS) => tags.get(`${config.tag}-${TAGS[name]}`);
    const idIn = (value = "") => (ULID.test(value) ? value : undefined);
    const name = tag("target");
    const target = name === undefined ? undefined : config.targets[name];
    const spot = instance.InstanceLifecycle === "spot";
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
      details: {
        instance_type: instance.InstanceType ?? "",
        zone: instance.Placement?.AvailabilityZone ?? "",
        image: instance.ImageId ?? "",
        market: spot ? "spot" : "on demand",
      },
    };
  }
}
