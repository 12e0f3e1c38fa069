import { Resting } from "../../common/resting.ts";
import type { World } from "../../common/world.ts";
import type { AwsTarget } from "./config.ts";
import { listOf } from "./config.ts";

/** Where a machine could be had. */
export interface Place {
  type: string;
  subnet: string;
  zone: string;
  spot: boolean;
}

/** EC2 says in many ways that there is nothing to be had now: of this type in this zone, of this type for this account, or in this subnet. */
const SHORT_OF_TYPE = new Set([
  "InsufficientInstanceCapacity",
  "InsufficientCapacity",
  "InsufficientHostCapacity",
  "UnfulfillableCapacity",
  "SpotMaxPriceTooLow",
  "Unsupported",
]);
const SHORT_OF_QUOTA = new Set(["InstanceLimitExceeded", "VcpuLimitExceeded", "MaxSpotInstanceCountExceeded"]);
const SHORT_OF_ADDRESSES = "InsufficientFreeAddressesInSubnet";

/** Whether EC2's code for an error says so. */
export const isShortage = (code: string): boolean =>
  SHORT_OF_TYPE.has(code) || SHORT_OF_QUOTA.has(code) || code === SHORT_OF_ADDRESSES;

/** A place that had nothing is asked again after a minute or two, then ever later. */
const AGAIN = { first: 120_000, most: 900_000 };

/** Remembers where there was nothing to be had, and for how long not to ask again. */
export class Places {
  /** Types in zones, and subnets. */
  readonly #short: Resting;
  /** Types, on demand or spot, of which the account may have no more. */
  readonly #full: Resting;

  constructor(world: World) {
    this.#short = new Resting(world, AGAIN);
    this.#full = new Resting(world, AGAIN);
  }

  /** In the order in which they are to be tried: spot first where the target wants it, then by type, then by subnet. */
  of(target: AwsTarget, subnets: readonly { id: string; zone: string }[]): Place[] {
    const markets = target.spot ? [true, false] : [false];
    const all = markets.flatMap((spot) =>
      listOf(target.instance_type).flatMap((type) => subnets.map(({ id, zone }) => ({ type, subnet: id, zone, spot }))),
    );
    return all.filter((place) => this.isOpen(place));
  }

  /** Whether it may be asked now. */
  isOpen(place: Place): boolean {
    const { ofType, ofSubnet, ofQuota } = keysOf(place);
    return !this.#short.has(ofType) && !this.#short.has(ofSubnet) && !this.#full.has(ofQuota);
  }

  /** @returns whether the error says that this place has nothing, so that another may */
  isShort(place: Place, error: unknown): boolean {
    return error instanceof Error && this.lacks(place, error.name);
  }

  /** @param code of EC2, for why there is no machine @returns whether it is that this place has nothing */
  lacks(place: Place, code: string): boolean {
    if (!isShortage(code)) return false;
    const { ofType, ofSubnet, ofQuota } = keysOf(place);
    if (SHORT_OF_QUOTA.has(code)) this.#full.failed(ofQuota);
    else this.#short.failed(code === SHORT_OF_ADDRESSES ? ofSubnet : ofType);
    return true;
  }

  /** There was something. */
  had(place: Place): void {
    const { ofType, ofSubnet, ofQuota } = keysOf(place);
    for (const key of [ofType, ofSubnet]) this.#short.worked(key);
    this.#full.worked(ofQuota);
  }

  /** One of our own machines has ended, and the quotas have room for another. */
  freed(): void {
    this.#full.wake();
  }
}

const keysOf = ({ type, subnet, zone, spot }: Place) => ({
  ofType: `${type} ${zone} ${spot}`,
  ofSubnet: subnet,
  ofQuota: `${type} ${spot}`,
});
