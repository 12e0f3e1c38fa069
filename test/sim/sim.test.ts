import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { BREAKS } from "./breaks.ts";
import { CALM } from "./climate.ts";
import { simulate } from "./sim.ts";

// Some promises break in one life of many.
setDefaultTimeout(60_000);

/** `scripts/sim` lives through more. */
const LIVES = 8;
/** Most lives in which a broken promise may hide. */
const TRIES = 20;

test.each(Array.from({ length: LIVES }, (_, i) => i + 1))("seed %d: whatever goes wrong, every promise is kept", async (seed) => {
  expect((await simulate({ seed })).broken).toBeUndefined();
});

test("the same seed is the same life, another seed another one", async () => {
  const [once, again, other] = [await simulate({ seed: 77 }), await simulate({ seed: 77 }), await simulate({ seed: 78 })];
  expect(again).toEqual(once);
  expect(other.trace).not.toBe(once.trace);
});

test("in good weather every job has one machine at most", async () => {
  const { broken, jobs, attempts } = await simulate({ seed: 5, climate: CALM });
  expect(broken).toBeUndefined();
  expect(attempts).toBeGreaterThan(0);
  expect(attempts).toBeLessThanOrEqual(jobs);
});

describe("a broken promise is seen:", () => {
  test.each(BREAKS.map((spoilt) => [spoilt.promise, spoilt] as const))("%s", async (_, { said, ...options }) => {
    let told: string | undefined;
    for (let seed = 1; seed <= TRIES && !said.test(told ?? ""); seed++)
      told = (await simulate({ seed, ...options })).broken ?? told;
    expect(told ?? "nothing").toMatch(said);
  });
});
