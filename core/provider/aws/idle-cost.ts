import { shareOfWeek } from "./hours.ts";

/** What a target's configuration says of its prepared instances. */
interface Pool {
  root_size_gb: number;
  warm?: number;
  warm_hours?: string;
  warm_max_cost?: number;
}

/**
 * What the volume of one prepared instance costs a month; one that is kept in some hours alone has a volume in these alone.
 *
 * @param price of a GiB for a month
 */
export const monthlyCost = (price: number, { root_size_gb, warm_hours }: Pool): number =>
  price * root_size_gb * (warm_hours === undefined ? 1 : shareOfWeek(warm_hours));

/** How many instances of a target wait for jobs at most: `warm` of them, or as many as `warm_max_cost` pays for. */
export function mostWarm(price: number | undefined, pool: Pool): number {
  const { warm = 0, warm_max_cost: most } = pool;
  if (most === undefined || price === undefined) return warm;
  // What binary fractions are off by must not cost an instance.
  return Math.min(warm, Math.floor(most / monthlyCost(price, pool) + 1e-9));
}
