import type { World } from "../../../core/common/world.ts";
import { type Parameters, partOf, textOf } from "./query.ts";

/** A call that EC2 refuses, with its code for it. */
export class Ec2Error extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export interface Instance {
  id: string;
  type: string;
  image: string;
  subnet: string;
  zone: string;
  ip: string;
  spot: boolean;
  tags: Record<string, string>;
  userData: string;
  launched: number;
  /** When TerminateInstances was called. */
  ended?: number;
  /** Its own system went down. */
  stopped: boolean;
  console: string;
  /** The call that made it. */
  request: Parameters;
}

/** How the cloud behaves; ms where it is about time. */
export interface Habits {
  /** Until a new instance is shown. */
  shownAfter: number;
  /** Until it runs. */
  bootsAfter: number;
  /** Until a terminated instance is so. */
  endsAfter: number;
  /** Most instances in one page of DescribeInstances. */
  page: number;
  /** Throttles the next so many calls of an action. */
  throttled: Map<string, number>;
  /** Answers to the next so many calls of an action are lost, after they were carried out. */
  lost: Map<string, number>;
  /** `c8a.large us-test-1a`, or with ` spot`: has no capacity. */
  short: Set<string>;
  /** Actions that are refused, with the code. */
  refused: Map<string, string>;
  /** What an instance does when it boots, and when it is terminated. */
  boot?: (instance: Instance) => void;
  end?: (instance: Instance) => void;
}

const SHOWN_FOR = 3_600_000;

/** The state of one region. */
export class Cloud {
  readonly world: World;
  readonly habits: Habits = {
    shownAfter: 0,
    bootsAfter: 0,
    endsAfter: 0,
    page: 1000,
    throttled: new Map(),
    lost: new Map(),
    short: new Set(),
    refused: new Map(),
  };
  readonly vpc = "vpc-0a";
  /** Zones of the subnets. */
  readonly subnets = new Map([
    ["subnet-0a", "us-test-1a"],
    ["subnet-0b", "us-test-1b"],
  ]);
  readonly images = new Map([["ami-0a", { name: "debian-12", rootDevice: "/dev/xvda", architecture: "x86_64" }]]);
  readonly groups = new Map([["sg-0a", "workers"]]);
  readonly keys = new Set(["operator"]);
  readonly instances = new Map<string, Instance>();
  readonly #tokens = new Map<string, { id: string; asked: string }>();
  #made = 0;

  constructor(world: World) {
    this.world = world;
  }

  stateOf({ launched, ended, stopped }: Instance): "pending" | "running" | "stopped" | "shutting-down" | "terminated" {
    const now = this.world.now();
    if (ended !== undefined) return now - ended < this.habits.endsAfter ? "shutting-down" : "terminated";
    if (stopped) return "stopped";
    return now - launched < this.habits.bootsAfter ? "pending" : "running";
  }

  /** What DescribeInstances knows by now. */
  shown(): Instance[] {
    const now = this.world.now();
    return [...this.instances.values()].filter(
      ({ launched, ended }) => now - launched >= this.habits.shownAfter && (ended === undefined || now - ended < SHOWN_FOR),
    );
  }

  /** Those that cost money. */
  living(): Instance[] {
    return [...this.instances.values()].filter(({ ended }) => ended === undefined);
  }

  /** @throws Ec2Error */
  launch(what: Omit<Instance, "id" | "zone" | "ip" | "launched" | "stopped" | "console">, token: string | undefined): Instance {
    const zone = this.subnets.get(what.subnet);
    if (zone === undefined) throw new Ec2Error("InvalidSubnetID.NotFound", `The subnet ID '${what.subnet}' does not exist`);
    if (!this.images.has(what.image))
      throw new Ec2Error("InvalidAMIID.NotFound", `The image id '[${what.image}]' does not exist`);
    const asked = JSON.stringify(what.request);
    const known = token === undefined ? undefined : this.#tokens.get(token);
    if (known) return this.#again(known, asked);
    if (textOf(what.request["DryRun"]) === "true")
      throw new Ec2Error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
    if (this.habits.short.has(`${what.type} ${zone}${what.spot ? " spot" : ""}`))
      throw new Ec2Error("InsufficientInstanceCapacity", `We currently do not have sufficient ${what.type} capacity in ${zone}.`);
    const number = ++this.#made;
    const id = `i-${number.toString(16).padStart(17, "0")}`;
    const ip = `10.0.${number >> 8}.${number & 255}`;
    const instance: Instance = { ...what, id, zone, ip, launched: this.world.now(), stopped: false, console: "" };
    this.instances.set(id, instance);
    if (token !== undefined) this.#tokens.set(token, { id, asked });
    this.world.after(this.habits.bootsAfter, () => instance.ended ?? this.habits.boot?.(instance));
    return instance;
  }

  #again({ id, asked }: { id: string; asked: string }, now: string): Instance {
    if (asked !== now)
      throw new Ec2Error(
        "IdempotentParameterMismatch",
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
      );
    return this.instances.get(id) ?? lost(id);
  }

  /** @throws Ec2Error for one that is not shown */
  find(id: string): Instance {
    return this.shown().find((instance) => instance.id === id) ?? lost(id);
  }

  terminate(id: string): Instance {
    const instance = this.find(id);
    if (instance.ended === undefined) {
      instance.ended = this.world.now();
      this.habits.end?.(instance);
    }
    return instance;
  }

  /** A system that has shut down by itself. */
  stop(instance: Instance): void {
    instance.stopped = true;
  }
}

function lost(id: string): never {
  throw new Ec2Error("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
}

/** The tags that RunInstances gives to one kind of thing. */
export function tagsFor(kind: string, request: Parameters): Record<string, string> {
  const specification = Object.values(partOf(request["TagSpecification"])).find(
    (one) => textOf(partOf(one)["ResourceType"]) === kind,
  );
  const tags = Object.values(partOf(partOf(specification)["Tag"])).map(partOf);
  return Object.fromEntries(tags.map((tag) => [textOf(tag["Key"]) ?? "", textOf(tag["Value"]) ?? ""]));
}
