import type { Core } from "../core.ts";
import type { Cost } from "./schema.ts";
import type { WorkerRow } from "./table.ts";

type Machine = Pick<WorkerRow, "state" | "factory_private" | "time_create" | "time_destroyed" | "hour_price" | "currency">;

/** What a worker's machine has cost so far; null where it never had one, or it is not known for how long. */
export function costOf(core: Core, worker: Machine): Cost | null {
  const { state, factory_private, time_create, time_destroyed, hour_price, currency } = worker;
  const end = state === "destroyed" ? time_destroyed : core.world.now();
  if (factory_private === null || end === null) return null;
  const seconds = Math.max(0, end - time_create) / 1000;
  const money = hour_price === null ? null : (hour_price / 3600) * seconds;
  return { instance_seconds: seconds, money: rounded(money), currency: currency ?? currencyOf(core) };
}

/** All together; null where it is of nothing, or of something that is not known. */
export function totalCost(costs: readonly (Cost | null)[]): Cost | null {
  const [first] = costs;
  if (!first) return null;
  return costs.reduce(
    (sum, cost) =>
      sum &&
      cost && {
        instance_seconds: sum.instance_seconds + cost.instance_seconds,
        money:
          sum.money === null || cost.money === null || sum.currency !== cost.currency ? null : rounded(sum.money + cost.money),
        currency: cost.currency,
      },
  );
}

/** Null where money is of no interest: no price at all is configured. */
const currencyOf = ({ config: { prices } }: Core) => (Object.keys(prices.instances).length > 0 ? prices.currency : null);

/** To a millionth. */
const rounded = (money: number | null) => (money === null ? null : Math.round(money * 1e6) / 1e6);
