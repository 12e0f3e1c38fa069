import type { Job, Worker } from "../core/client/operations.ts";
import { inWords } from "../core/common/duration.ts";

type Cost = NonNullable<Job["cost"]>;

/** `machine time 3 m 10 s, 0.0217 USD`; nothing where nothing is known. */
export function costLines(cost: Cost | null | undefined): string[] {
  if (!cost) return [];
  const { instance_seconds, money, currency } = cost;
  const price = money === null ? (currency === null ? [] : ["whose price is not known"]) : [amount(money, currency)];
  return [[`machine time ${inWords(instance_seconds * 1000)}`, ...price].join(", ")];
}

/** What the machines of all workers have cost so far; those without a price are counted apart. */
export function totalLine(workers: readonly Worker[]): string {
  const costs = workers.flatMap(({ cost }) => (cost ? [cost] : []));
  const seconds = costs.reduce((sum, { instance_seconds }) => sum + instance_seconds, 0);
  const priced = Map.groupBy(
    costs.filter(({ money }) => money !== null),
    ({ currency }) => currency,
  );
  const sums = [...priced].map(([currency, some]) =>
    amount(
      some.reduce((sum, { money }) => sum + (money ?? 0), 0),
      currency,
    ),
  );
  const unpriced = costs.filter(({ money, currency }) => money === null && currency !== null).length;
  const parts = [
    `${workers.length} ${workers.length === 1 ? "machine" : "machines"}`,
    `machine time ${inWords(seconds * 1000)} so far`,
    ...sums,
    ...(unpriced > 0 ? [`${unpriced} of them at a price that is not known`] : []),
  ];
  return parts.join(", ");
}

/** Small ones to a hundredth of a cent. */
const amount = (money: number, currency: string | null) => `${money.toFixed(money < 1 ? 4 : 2)} ${currency ?? ""}`.trimEnd();
