import type { Instance, Tag } from "@aws-sdk/client-ec2";
import type { Logger } from "../../common/logger.ts";
import { Resting } from "../../common/resting.ts";
import type { World } from "../../common/world.ts";
import { NoRoom } from "../provider.ts";
import { whatFailed } from "../workers.ts";
import type { AwsConfig, AwsTarget } from "./config.ts";
import type { Ec2 } from "./ec2.ts";
import { kindOf, placeOf, tagsOf } from "./launch.ts";
import type { Launcher } from "./launcher.ts";
import { type Spare, Spares } from "./spares.ts";
import type { UserData } from "./user-data.ts";
import { endingsOf, NEVER_READY, Wanted } from "./wanted.ts";

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

/** How the spares of a target are prepared. */
interface Kind {
  name: string;
  userData: string;
}

/** A target of which none could be launched, or got ready, is tried again after so many ms. */
const AGAIN = { first: 120_000, most: 3_600_000 };
const WORDS = 3;

/** Prepares instances of each target before there is a job, starts them for jobs, and ends those that nobody wants. */
export class Warm {
  readonly #options: WarmOptions;
  readonly #spares: Spares;
  readonly #wanted: Wanted;
  readonly #kinds = new Map<string, Kind>();
  /** Targets whose instances cannot be prepared. */
  readonly #resting: Resting;

  constructor(options: WarmOptions) {
    this.#options = options;
    const { world, config, factory, grace } = options;
    this.#spares = new Spares({ world, tag: config.tag, factory, grace });
    this.#wanted = new Wanted(world, config);
    this.#resting = new Resting(world, AGAIN);
  }

  /** What EC2 shows now. */
  heard(instances: readonly Instance[]): void {
    const { ready, ended } = this.#spares.heard(instances);
    for (const { target } of ready) this.#resting.worked(target);
    for (const { id, target, instance } of ended) this.#neverReady(id, target, instance.StateReason?.Message ?? "");
  }

  /** How many run. */
  get preparing(): number {
    return this.#spares.all.filter(({ ready }) => !ready).length;
  }

  /** Whether one waits that could be started now. */
  has(target: string): boolean {
    return this.#waiting(target).length > 0;
  }

  /** A job of the target was taken. */
  use(target: string): void {
    this.#wanted.use(target);
  }

  /**
   * Starts one that waits, if it can be had.
   *
   * @throws Error where it may run now, and could not be terminated
   */
  async start(target: string, userData: string, tags: Tag[]): Promise<Instance | undefined> {
    for (const spare of this.#waiting(target))
      if (this.#spares.take(spare) && (await this.#starts(spare, userData, tags))) return spare.instance;
    return undefined;
  }

  /**
   * Ends spares that are not wanted any more, and prepares those that are missing.
   *
   * @param room whether another machine may run beside one for a job
   */
  async upkeep(draining: boolean, room: () => boolean): Promise<void> {
    if (!this.#spares.known) return;
    const { config, world } = this.#options;
    const targets = Object.entries(config.targets);
    for (const [name, target] of targets) if (target.warm) await this.#learnKind(name, target);
    const wanted = (name: string) => (draining ? 0 : this.#wanted.of(name));
    const kindOf = (name: string) => this.#kinds.get(name)?.name;
    const endings = endingsOf(this.#spares.all, { now: world.now(), wanted, kindOf });
    await Promise.all(endings.map(([spare, why]) => this.#end(spare, why)));
    for (const [name, target] of targets) {
      const kind = this.#kinds.get(name);
      while (kind && this.#spares.of(name).length < wanted(name) && room() && this.#mayTry(name, target))
        await this.#prepare(name, target, kind);
    }
  }

  async #starts(spare: Spare, userData: string, tags: Tag[]): Promise<boolean> {
    const { ec2, launcher, logger } = this.#options;
    const { id, instance } = spare;
    try {
      await ec2.setUserData(id, userData);
    } catch (error) {
      logger.warn("a prepared instance cannot be used", { machine: id, ...whatFailed(error) });
      this.#spares.giveBack(spare);
      return false;
    }
    try {
      await ec2.start(id);
      await ec2.tag(id, tags);
      return true;
    } catch (error) {
      logger.warn("a prepared instance cannot be started", { machine: id, ...whatFailed(error) });
      // It may run all the same, unless EC2 says why it does not.
      if (launcher.places.isShort(placeOf(instance), error)) this.#spares.giveBack(spare);
      else await ec2.terminate(id);
      return false;
    }
  }

  #waiting(target: string): Spare[] {
    const { launcher } = this.#options;
    const kind = this.#kinds.get(target)?.name;
    return this.#spares
      .of(target)
      .filter((spare) => spare.ready && spare.kind === kind && launcher.places.isOpen(placeOf(spare.instance)));
  }

  #mayTry(name: string, target: AwsTarget): boolean {
    return !this.#resting.has(name) && this.#options.launcher.mayHave(onDemand(target));
  }

  async #end(spare: Spare, why: string): Promise<void> {
    const { ec2, logger } = this.#options;
    const { id, target } = spare;
    // From here on, no job gets it.
    if (!this.#spares.take(spare)) return;
    try {
      logger.info("ending a prepared instance", { machine: id, target, why });
      if (why === NEVER_READY) {
        const words = (await ec2.console(id).catch(() => "")).trimEnd().split(/\r*\n/).slice(-WORDS).join("; ");
        this.#neverReady(id, target, words);
      }
      await ec2.terminate(id);
    } catch (error) {
      this.#spares.giveBack(spare);
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
      this.#spares.add({ id, target: name, kind: kind.name, ready: false, since: world.now(), instance });
      logger.info("preparing an instance", { machine: id, target: name });
    } catch (error) {
      this.#resting.failed(name);
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

  #neverReady(machine: string, target: string, words: string): void {
    this.#resting.failed(target);
    this.#options.logger.error("an instance could not be prepared", { machine, target, words });
  }
}

/** A spot instance cannot be stopped. */
const onDemand = (target: AwsTarget): AwsTarget => ({ ...target, spot: false });
