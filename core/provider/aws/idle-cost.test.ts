import { expect, test } from "bun:test";
import { mostWarm } from "./idle-cost.ts";

test("as many wait as their cost allows, to the last cent", () => {
  // Binary fractions make 7.000000000000001 of 0.07 × 100.
  const pool = { root_size_gb: 100, warm: 20 };
  expect(mostWarm(0.07, { ...pool, warm_max_cost: 7 })).toBe(1);
  expect(mostWarm(0.07, { ...pool, warm_max_cost: 70 })).toBe(10);
  expect(mostWarm(0.07, { ...pool, warm_max_cost: 69.99 })).toBe(9);
  expect(mostWarm(0.07, { ...pool, warm_max_cost: 700 })).toBe(20);
});
