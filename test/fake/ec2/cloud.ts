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
  made: number;
  /** The last time it was started. */
  launched: number;
  /** When TerminateInstances was called, or EC2 took it back. */
  ended?: number;
  /** EC2's code for why it ended. */
  why?: string;
  /** When EC2 will take it back, RFC 3339, once it has given notice. */
  notice?: string;
  /** When it was stopped, or its own system went down, until it is started again. */
  stopped?: number | undefined;
  console: string;
  /** The call that made it. */
  request: Parameters;
}

type State = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";

/** What DescribeInstances says of an instance. */
export type View = Instance & { state: State };

/** How the cloud behaves; ms where it is about time. */
export interface Habits {
  /** Until a new instance is shown, and that one was started, stopped or tagged. */
  shownAfter: number;
  /** Until it runs. */
  bootsAfter: number;
  /** Until an instance that ends or stops has done so. */
  endsAfter: number;
  /** Most instances in one page of DescribeInstances. */
  page: number;
  /** Throttles the next so many calls of an action. */
  throttled: Map<string, number>;
  /** Answers to the next so many calls of an action are lost, after they were carried out. */
  lost: Map<string, number>;
  /** Answers to calls of an action that take so long to come, after they were carried out. */
  late: Map<string, Promise<void>>;
  /** `c8a.large us-test-1a`, or with ` spot`: has no capacity. */
  short: Set<string>;
  /** Actions that are refused, with the code. */
  refused: Map<string, string>;
  /** Instances end instead of booting, with this code as the reason. */
  stillborn?: string;
  /** What an instance does when it boots, when it is stopped, and when it is terminated. */
  boot?: (instance: Instance) => void;
  halt?: (instance: Instance) => void;
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
    late: new Map(),
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
  /** What is still shown of instances that have changed. */
  readonly #before = new Map<string, { until: number; view: View }>();
  readonly #tokens = new Map<string, { id: string; asked: string }>();
  #made = 0;

  constructor(world: World) {
    this.world = world;
  }

  stateOf({ launched, ended, stopped }: Instance): State {
    const now = this.world.now();
    if (ended !== undefined) return now - ended < this.habits.endsAfter ? "shutting-down" : "terminated";
    if (stopped !== undefined) return now - stopped < this.habits.endsAfter ? "stopping" : "stopped";
    return now - launched < this.habits.bootsAfter ? "pending" : "running";
  }

  /** What DescribeInstances knows by now. */
  shown(): View[] {
    const now = this.world.now();
    return [...this.instances.values()]
      .filter(({ made, ended }) => now - made >= this.habits.shownAfter && (ended === undefined || now - ended < SHOWN_FOR))
      .map((instance) => this.viewOf(instance));
  }

  viewOf(instance: Instance): View {
    const before = this.#before.get(instance.id);
    if (before && instance.ended === undefined && this.world.now() < before.until) return before.view;
    return { ...instance, state: this.stateOf(instance) };
  }

  /** It is shown as it is for a while yet. */
  #changes(instance: Instance): void {
    const until = this.world.now() + this.habits.shownAfter;
    this.#before.set(instance.id, { until, view: { ...this.viewOf(instance), tags: { ...instance.tags } } });
  }

  /** Those that cost money. */
  living(): Instance[] {
    return [...this.instances.values()].filter(({ ended }) => ended === undefined);
  }

  /** @throws Ec2Error */
  launch(
    what: Omit<Instance, "id" | "zone" | "ip" | "made" | "launched" | "stopped" | "console">,
    token: string | undefined,
  ): Instance {
    const zone = this.subnets.get(what.subnet);
    if (zone === undefined) throw new Ec2Error("InvalidSubnetID.NotFound", `The subnet ID '${what.subnet}' does not exist`);
    if (!this.images.has(what.image))
      throw new Ec2Error("InvalidAMIID.NotFound", `The image id '[${what.image}]' does not exist`);
    const asked = JSON.stringify(what.request);
    const known = token === undefined ? undefined : this.#tokens.get(token);
    if (known) return this.#again(known, asked);
    if (textOf(what.request["DryRun"]) === "true")
      throw new Ec2Error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
    this.#mustHave({ ...what, zone });
    const number = ++this.#made;
    const id = `i-${number.toString(16).padStart(17, "0")}`;
    const ip = `10.0.${number >> 8}.${number & 255}`;
    const made = this.world.now();
    const instance: Instance = { ...what, id, zone, ip, made, launched: made, console: "" };
    this.instances.set(id, instance);
    if (token !== undefined) this.#tokens.set(token, { id, asked });
    this.#boots(instance);
    return instance;
  }

  #boots(instance: Instance): void {
    const { launched } = instance;
    const still = () => instance.ended === undefined && instance.stopped === undefined && instance.launched === launched;
    this.world.after(this.habits.bootsAfter, () => {
      if (!still()) return;
      if (this.habits.stillborn !== undefined) this.#end(instance, this.habits.stillborn);
      else this.habits.boot?.(instance);
    });
  }

  #mustHave({ type, zone, spot }: Pick<Instance, "type" | "zone" | "spot">): void {
    if (this.habits.short.has(`${type} ${zone}${spot ? " spot" : ""}`))
      throw new Ec2Error("InsufficientInstanceCapacity", `We currently do not have sufficient ${type} capacity in ${zone}.`, 500);
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
    const shown = this.shown().some((view) => view.id === id);
    return (shown ? this.instances.get(id) : undefined) ?? lost(id);
  }

  terminate(id: string): Instance {
    const instance = this.find(id);
    this.#end(instance, "Client.UserInitiatedShutdown");
    return instance;
  }

  /** EC2 has better use for a spot instance; its notice comes two minutes before. */
  takeBack(instance: Instance): void {
    this.#end(instance, "Server.SpotInstanceTermination");
  }

  #end(instance: Instance, why: string): void {
    if (instance.ended !== undefined) return;
    Object.assign(instance, { ended: this.world.now(), why });
    this.habits.end?.(instance);
  }

  /** A system that has shut down by itself. */
  stop(instance: Instance): void {
    if (instance.stopped !== undefined) return;
    this.#changes(instance);
    instance.stopped = this.world.now();
  }

  /** StopInstances of one. @throws Ec2Error */
  halt(instance: Instance): void {
    const state = this.stateOf(instance);
    if (state === "stopping" || state === "stopped") return;
    if (state === "pending")
      throw incorrect(`Instance '${instance.id}' cannot be stopped as it has never reached the 'running' state.`);
    if (state !== "running") throw incorrect(`This instance '${instance.id}' is not in a state from which it can be stopped.`);
    if (instance.spot)
      throw new Ec2Error(
        "UnsupportedOperation",
        `You can't stop the Spot Instance '${instance.id}' because it is associated with a one-time Spot Instance request.`,
      );
    this.stop(instance);
    this.habits.halt?.(instance);
  }

  /** StartInstances of one. @throws Ec2Error */
  start(instance: Instance): void {
    const state = this.stateOf(instance);
    if (state === "pending" || state === "running") return;
    if (state !== "stopped") throw incorrect(`The instance '${instance.id}' is not in a state from which it can be started.`);
    this.#mustHave(instance);
    this.#changes(instance);
    instance.stopped = undefined;
    instance.launched = this.world.now();
    this.#boots(instance);
  }

  /** ModifyInstanceAttribute. @param text not encoded @throws Ec2Error */
  setUserData(instance: Instance, text: string): void {
    if (this.stateOf(instance) !== "stopped") throw incorrect(`The instance '${instance.id}' is not in the 'stopped' state.`);
    instance.userData = text;
  }

  /** CreateTags. */
  tag(instance: Instance, tags: Record<string, string>): void {
    this.#changes(instance);
    Object.assign(instance.tags, tags);
  }
}

const incorrect = (message: string) => new Ec2Error("IncorrectInstanceState", message);

function lost(id: string): never {
  throw new Ec2Error("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
}

/** The tags that RunInstances gives to one kind of thing. */
export function tagsFor(kind: string, request: Parameters): Record<string, string> {
  const specification = Object.values(partOf(request["TagSpecification"])).find(
    (one) => textOf(partOf(one)["ResourceType"]) === kind,
  );
  return tagsOf(partOf(specification)["Tag"]);
}

/** `Tag.1.Key`, `Tag.1.Value` ... by key. */
export const tagsOf = (tags: Parameters[string] | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.values(partOf(tags)).map((tag) => [textOf(partOf(tag)["Key"]) ?? "", textOf(partOf(tag)["Value"]) ?? ""]),
  );
