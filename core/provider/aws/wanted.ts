import type { World } from "../../common/world.ts";
import type { AwsConfig } from "./config.ts";
import { isWithin } from "./hours.ts";
import { mostWarm } from "./idle-cost.ts";
import type { Spare } from "./spares.ts";

const HOUR = 3_600_000;
/** An instance that has not switched itself off after so long never will, in ms. */
const READY_WITHIN = 900_000;

/** How many prepared instances each target is to have. */
export class Wanted {
  readonly #world: World;
  readonly #config: AwsConfig;
  readonly #began: number;
  /** At most, of each target. */
  readonly #most: ReadonlyMap<string, number>;
  /** When each target had its last job, ms. */
  readonly #used = new Map<string, number>();

  constructor(world: World, config: AwsConfig) {
    this.#world = world;
    this.#config = config;
    this.#began = world.now();
    const { targets, volume_gb_month: price } = config;
    this.#most = new Map(Object.entries(targets).map(([name, target]) => [name, mostWarm(price, target)]));
  }

  /** A job of the target was taken. */
  use(target: string): void {
    this.#used.set(target, this.#world.now());
  }

  /** None outside of the target's hours, and none when it had no job for long. */
  of(target: string): number {
    const { warm_hours: hours, warm_max_idle: idle = Number.POSITIVE_INFINITY } = this.#config.targets[target] ?? {};
    const now = this.#world.now();
    if (hours !== undefined && !isWithin(hours, now)) return 0;
    return now - (this.#used.get(target) ?? this.#began) >= idle * HOUR ? 0 : (this.#most.get(target) ?? 0);
  }
}

interface Judged {
  spare: Spare;
  /** As its target's are prepared now; undefined while that is not known. */
  kind: string | undefined;
  /** So many are to be there of its target. */
  wanted: number;
  /** Before it, of its target. */
  before: number;
  /** Since it was started, ms. */
  age: number;
}

export const NEVER_READY = "it never got ready";

/** Why a spare is terminated: the first line that holds. */
const ENDINGS: readonly { why: string; is(judged: Judged): boolean }[] = [
  { why: "none are to wait now", is: ({ wanted }) => wanted === 0 },
  { why: "it was prepared as none are any more", is: ({ spare, kind }) => kind !== undefined && spare.kind !== kind },
  { why: NEVER_READY, is: ({ spare, age }) => !spare.ready && age > READY_WITHIN },
  { why: "enough others wait", is: ({ before, wanted }) => before >= wanted },
];

interface Now {
  now: number;
  wanted(target: string): number;
  kindOf(target: string): string | undefined;
}

/** The spares that are to be terminated, each with the reason. Of too many, those that are ready stay, and the oldest. */
export function endingsOf(spares: readonly Spare[], { now, wanted, kindOf }: Now): [Spare, string][] {
  const staying = new Map<string, number>();
  const inOrder = spares.toSorted((a, b) => Number(b.ready) - Number(a.ready) || a.since - b.since);
  return inOrder.flatMap((spare) => {
    const { target, since } = spare;
    const before = staying.get(target) ?? 0;
    const judged = { spare, kind: kindOf(target), wanted: wanted(target), before, age: now - since };
    const ending = ENDINGS.find(({ is }) => is(judged));
    if (ending) return [[spare, ending.why]];
    staying.set(target, before + 1);
    return [];
  });
}
