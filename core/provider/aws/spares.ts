import type { Instance } from "@aws-sdk/client-ec2";
import type { World } from "../../common/world.ts";
import { tagOf } from "./launch.ts";

/** An instance without a worker, which is being prepared, or is stopped and waits for a job. */
export interface Spare {
  id: string;
  target: string;
  /** Name of the kind that it was prepared as. */
  kind: string;
  ready: boolean;
  /** When it was started, ms. */
  since: number;
  instance: Instance;
}

interface SparesOptions {
  world: World;
  /** Key of the tag of the factory's instances. */
  tag: string;
  factory: string;
  /** EC2 may show a change so much later than it was made, in ms. */
  grace: number;
}

const THERE = new Set(["pending", "running", "stopping", "stopped"]);
const isThere = ({ State }: Instance) => THERE.has(State?.Name ?? "");

/** Which spares there are: what EC2 shows, and what this process has done since that EC2 does not show yet. */
export class Spares {
  readonly #options: SparesOptions;
  /** Undefined before EC2 was asked. */
  #all: readonly Spare[] | undefined;
  /** Launched, but not shown by EC2 yet. */
  readonly #fresh = new Map<string, Spare>();
  /** When they were taken: EC2 may still show them as spares. */
  readonly #taken = new Map<string, number>();

  constructor(options: SparesOptions) {
    this.#options = options;
  }

  /**
   * What EC2 shows now.
   *
   * @returns what has become of those that were being prepared: some are ready, others have ended without our doing
   */
  heard(instances: readonly Instance[]): { ready: Spare[]; ended: Spare[] } {
    const { world, grace } = this.#options;
    const before = new Map(this.all.map((spare) => [spare.id, spare]));
    for (const { InstanceId = "" } of instances) this.#fresh.delete(InstanceId);
    for (const { id, since } of this.#fresh.values()) if (world.now() - since >= grace) this.#fresh.delete(id);
    for (const [id, at] of this.#taken) if (world.now() - at >= grace) this.#taken.delete(id);
    const shown = instances.map((instance) => this.#spareOf(instance)).filter((spare) => spare !== undefined);
    this.#all = [...shown, ...this.#fresh.values()].filter(({ id }) => !this.#taken.has(id));
    const ended = instances.flatMap((instance) => {
      const spare = isThere(instance) ? undefined : before.get(instance.InstanceId ?? "");
      return spare && !spare.ready ? [{ ...spare, instance }] : [];
    });
    return { ready: this.#all.filter(({ id, ready }) => ready && before.get(id)?.ready === false), ended };
  }

  get known(): boolean {
    return this.#all !== undefined;
  }

  get all(): readonly Spare[] {
    return this.#all ?? [];
  }

  of(target: string): Spare[] {
    return this.all.filter((spare) => spare.target === target);
  }

  /** One that was launched a moment ago. */
  add(spare: Spare): void {
    this.#fresh.set(spare.id, spare);
    this.#all = [...this.all, spare];
  }

  /** It is a spare no longer, whatever EC2 shows. @returns whether it still was one */
  take({ id }: Spare): boolean {
    if (!this.all.some((spare) => spare.id === id)) return false;
    this.#taken.set(id, this.#options.world.now());
    this.#all = this.all.filter((spare) => spare.id !== id);
    return true;
  }

  /** It was taken for nothing. */
  giveBack(spare: Spare): void {
    this.#taken.delete(spare.id);
    this.#all = [...this.all, spare];
  }

  #spareOf(instance: Instance): Spare | undefined {
    const { tag: key, factory } = this.#options;
    const tag = tagOf(key, instance);
    const [id, kind, target] = [instance.InstanceId, tag("pool"), tag("target")];
    const ours = tag("factory") === factory && tag("worker") === undefined;
    if (!id || !kind || !target || !ours || !isThere(instance)) return undefined;
    return { id, target, kind, ready: instance.State?.Name === "stopped", since: instance.LaunchTime?.getTime() ?? 0, instance };
  }
}
