import type { Instance, Tag } from "@aws-sdk/client-ec2";
import type { Logger } from "../../common/logger.ts";
import { backoffFor } from "../../common/retry.ts";
import type { World } from "../../common/world.ts";
import { NoRoom } from "../provider.ts";
import { whatFailed } from "../workers.ts";
import type { AwsConfig, AwsTarget } from "./config.ts";
import type { Ec2 } from "./ec2.ts";
import { isWithin } from "./hours.ts";
import { mostWarm } from "./idle-cost.ts";
import { kindOf, placeOf, tagOf, tagsOf } from "./launch.ts";
import type { Launcher } from "./launcher.ts";
import type { UserData } from "./user-data.ts";

interface WarmOptions {
  world: World;
  logger: Logger;
  config: AwsConfig;
  ec2: Ec2;
  launcher: Launcher;
  factory: string;
  userData: UserData;
  /** EC2 may show a change so much later than it was made, in ms. */
  grace: number;
}

/** An instance without a worker, which is being prepared, or is stopped and waits for a job. */
interface Spare {
  id: string;
  target: string;
  /** Name of the `Kind` that it was prepared as. */
  kind: string;
  ready: boolean;
  /** When it was started, ms. */
  since: number;
  instance: Instance;
}

/** How the spares of a target are prepared. */
interface Kind {
  name: string;
  userData: string;
}

interface Judged {
  spare: Spare;
  /** Undefined while the core could not be asked. */
  kind: Kind | undefined;
  /** So many are to be there of its target. */
  wanted: number;
  /** Before it, of its target and kind. */
  before: number;
  /** Since it was started, ms. */
  age: number;
}

/** An instance that has not switched itself off after so long never will, in ms. */
const READY_WITHIN = 900_000;
/** After preparations and launches that failed. */
const AGAIN = { first: 120_000, most: 3_600_000 };
const HOUR = 3_600_000;
const WORDS = 3;

const NEVER_READY = "it never got ready";

/** Why a spare is terminated: the first line that holds. */
const ENDINGS: readonly { why: string; is(judged: Judged): boolean }[] = [
  { why: "none are to wait now", is: ({ wanted }) => wanted === 0 },
  { why: "it was prepared as none are any more", is: ({ spare, kind }) => kind !== undefined && spare.kind !== kind.name },
  { why: NEVER_READY, is: ({ spare, age }) => !spare.ready && age > READY_WITHIN },
  { why: "enough others wait", is: ({ before, wanted }) => before >= wanted },
];

/** The instances of each target that are prepared before there is a job. Their tags are all that is known of them. */
export class Warm {
  readonly #options: WarmOptions;
  readonly #began: number;
  /** How many wait at most, of each target. */
  readonly #most: ReadonlyMap<string, number>;
  /** Undefined before EC2 was asked. */
  #spares: Spare[] | undefined;
  /** Launched, but not shown by EC2 yet. */
  readonly #fresh = new Map<string, Spare>();
  /** When they were started for a job, or terminated: EC2 may still show them as spares. */
  readonly #gone = new Map<string, number>();
  readonly #kinds = new Map<string, Kind>();
  /** When each target had its last job, ms. */
  readonly #used = new Map<string, number>();
  readonly #failed = new Map<string, { times: number; until: number }>();

  constructor(options: WarmOptions) {
    this.#options = options;
    this.#began = options.world.now();
    const { targets, volume_gb_month: price } = options.config;
    this.#most = new Map(Object.entries(targets).map(([name, target]) => [name, mostWarm(price, target)]));
  }

  /** What EC2 shows now. */
  heard(instances: readonly Instance[]): void {
    const { world, grace } = this.#options;
    for (const { InstanceId = "" } of instances) this.#fresh.delete(InstanceId);
    for (const { id, since } of this.#fresh.values()) if (world.now() - since >= grace) this.#fresh.delete(id);
    for (const [id, at] of this.#gone) if (world.now() - at >= grace) this.#gone.delete(id);
    const shown = instances.map((instance) => this.#spareOf(instance)).filter((spare) => spare !== undefined);
    this.#spares = [...shown, ...this.#fresh.values()].filter(({ id }) => !this.#gone.has(id));
    for (const { target, ready } of this.#spares) if (ready) this.#failed.delete(target);
  }

  /** How many run. */
  get preparing(): number {
    return this.#all.filter(({ ready }) => !ready).length;
  }

  /** Whether one waits that could be started now. */
  has(target: string): boolean {
    return this.#waiting(target).length > 0;
  }

  /** A job of the target was taken. */
  use(target: string): void {
    this.#used.set(target, this.#options.world.now());
  }

  /**
   * Starts one that waits, if it can be had.
   *
   * @throws Error where it may run now, and could not be terminated or given its tags
   */
  async start(target: string, userData: string, tags: Tag[]): Promise<Instance | undefined> {
    for (const spare of this.#waiting(target))
      if (this.#all.some(({ id }) => id === spare.id) && (await this.#starts(spare, userData, tags))) return spare.instance;
    return undefined;
  }

  /**
   * Ends spares that are not wanted any more, and prepares those that are missing.
   *
   * @param room whether another machine may run beside one for a job
   */
  async upkeep(draining: boolean, room: () => boolean): Promise<void> {
    if (!this.#spares) return;
    const targets = Object.entries(this.#options.config.targets);
    for (const [name, target] of targets) if (target.warm) await this.#learnKind(name, target);
    const wanted = (name: string) => (draining ? 0 : this.#wanted(name));
    await Promise.all(this.#endings(wanted).map(([spare, why]) => this.#end(spare, why)));
    for (const [name, target] of targets) {
      const kind = this.#kinds.get(name);
      while (kind && this.#of(name).length < wanted(name) && room() && this.#mayTry(name, target))
        await this.#prepare(name, target, kind);
    }
  }

  async #starts(spare: Spare, userData: string, tags: Tag[]): Promise<boolean> {
    const { ec2, launcher, logger } = this.#options;
    const { id, instance } = spare;
    this.#leaves(id);
    try {
      await ec2.setUserData(id, userData);
    } catch (error) {
      logger.warn("a prepared instance cannot be used", { machine: id, ...whatFailed(error) });
      this.#returns(spare);
      return false;
    }
    try {
      await ec2.start(id);
    } catch (error) {
      logger.warn("a prepared instance cannot be started", { machine: id, ...whatFailed(error) });
      // It may run all the same, unless EC2 says why it does not.
      if (launcher.places.isShort(placeOf(instance), error)) this.#returns(spare);
      else await ec2.terminate(id);
      return false;
    }
    await ec2.tag(id, tags);
    return true;
  }

  get #all(): Spare[] {
    return this.#spares ?? [];
  }

  #of(target: string): Spare[] {
    return this.#all.filter((spare) => spare.target === target);
  }

  #waiting(target: string): Spare[] {
    const { launcher } = this.#options;
    const kind = this.#kinds.get(target)?.name;
    return this.#of(target).filter(
      (spare) => spare.ready && spare.kind === kind && launcher.places.isOpen(placeOf(spare.instance)),
    );
  }

  #wanted(target: string): number {
    const { config, world } = this.#options;
    const { warm_hours: hours, warm_max_idle: idle = Number.POSITIVE_INFINITY } = config.targets[target] ?? {};
    if (hours !== undefined && !isWithin(hours, world.now())) return 0;
    return world.now() - (this.#used.get(target) ?? this.#began) >= idle * HOUR ? 0 : (this.#most.get(target) ?? 0);
  }

  #mayTry(name: string, target: AwsTarget): boolean {
    const { world, launcher } = this.#options;
    return world.now() >= (this.#failed.get(name)?.until ?? 0) && launcher.mayHave(onDemand(target));
  }

  #endings(wanted: (target: string) => number): [Spare, string][] {
    const { world } = this.#options;
    const before = new Map<string, number>();
    const inOrder = this.#all.toSorted((a, b) => Number(b.ready) - Number(a.ready) || a.since - b.since);
    return inOrder.flatMap((spare) => {
      const place = before.get(spare.target) ?? 0;
      const judged: Judged = {
        spare,
        kind: this.#kinds.get(spare.target),
        wanted: wanted(spare.target),
        before: place,
        age: world.now() - spare.since,
      };
      const ending = ENDINGS.find(({ is }) => is(judged));
      if (ending) return [[spare, ending.why]];
      before.set(spare.target, place + 1);
      return [];
    });
  }

  async #end({ id, target }: Spare, why: string): Promise<void> {
    const { ec2, logger } = this.#options;
    try {
      logger.info("ending a prepared instance", { machine: id, target, why });
      if (why === NEVER_READY) {
        this.#fails(target);
        const words = (await ec2.console(id).catch(() => "")).trimEnd().split(/\r*\n/).slice(-WORDS).join("; ");
        logger.error("an instance could not be prepared", { machine: id, target, words });
      }
      await ec2.terminate(id);
      this.#leaves(id);
    } catch (error) {
      logger.error("could not end a prepared instance; will try again", { machine: id, ...whatFailed(error) });
    }
  }

  async #prepare(name: string, target: AwsTarget, kind: Kind): Promise<void> {
    const { world, launcher, logger, config, factory } = this.#options;
    const token = `warm-${world.id().toLowerCase()}`;
    const tags = tagsOf(config.tag, token, { target: name, factory, pool: kind.name });
    try {
      const instance = await launcher.launch({ target: onDemand(target), tags, userData: kind.userData, token });
      const id = instance.InstanceId ?? "";
      const spare = { id, target: name, kind: kind.name, ready: false, since: world.now(), instance };
      this.#fresh.set(id, spare);
      this.#spares?.push(spare);
      logger.info("preparing an instance", { machine: id, target: name });
    } catch (error) {
      this.#fails(name);
      const level = error instanceof NoRoom ? "warn" : "error";
      logger[level]("no instance can be prepared now", { target: name, ...whatFailed(error) });
    }
  }

  /** The core's script and agent are part of it: where they change, so do the spares. */
  async #learnKind(name: string, target: AwsTarget): Promise<void> {
    const { userData, config, logger, launcher } = this.#options;
    try {
      const { machine } = await launcher.learn(target);
      const script = await userData.prepare(target.warm_script ?? "", machine);
      const hash = Bun.hash(JSON.stringify([kindOf(config, target), script]));
      this.#kinds.set(name, { name: hash.toString(16).padStart(16, "0"), userData: script });
    } catch (error) {
      logger.error("no instances can be prepared for the target", { target: name, ...whatFailed(error) });
    }
  }

  #leaves(id: string): void {
    this.#gone.set(id, this.#options.world.now());
    this.#spares = this.#all.filter((spare) => spare.id !== id);
  }

  #returns(spare: Spare): void {
    this.#gone.delete(spare.id);
    this.#spares = [...this.#all, spare];
  }

  #fails(target: string): void {
    const { world } = this.#options;
    const times = (this.#failed.get(target)?.times ?? 0) + 1;
    this.#failed.set(target, { times, until: world.now() + backoffFor(world, times, AGAIN) });
  }

  #spareOf(instance: Instance): Spare | undefined {
    const { config, factory } = this.#options;
    const tag = tagOf(config.tag, instance);
    const [id, kind, target] = [instance.InstanceId, tag("pool"), tag("target")];
    const state = instance.State?.Name ?? "";
    const ours = tag("factory") === factory && tag("worker") === undefined;
    if (!id || !kind || !target || !ours || !["pending", "running", "stopping", "stopped"].includes(state)) return undefined;
    return { id, target, kind, ready: state === "stopped", since: instance.LaunchTime?.getTime() ?? 0, instance };
  }
}

/** A spot instance cannot be stopped. */
const onDemand = (target: AwsTarget): AwsTarget => ({ ...target, spot: false });
