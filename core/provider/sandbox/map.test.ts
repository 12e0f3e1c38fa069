import { expect, test } from "bun:test";
import { BOX_IDS, directMap, imageMap, MOST_SLOTS, subordinateRange } from "./map.ts";

test("no two slots of a factory share an id, and none has one of the host's users or of an image", () => {
  const bases = [imageMap(), ...Array.from({ length: MOST_SLOTS }, (_, slot) => directMap(65_535, slot))].map(
    ({ uids }) => uids[0]?.[1] ?? 0,
  );
  const sorted = [...bases].sort((a, b) => a - b);
  for (const [i, base] of sorted.entries())
    expect(base).toBeGreaterThanOrEqual((sorted[i - 1] ?? 0x7000_0000 - BOX_IDS) + BOX_IDS);
  expect(Math.max(...bases) + BOX_IDS).toBeLessThanOrEqual(0x7ffe_0000);
});

test("a user's range is found by name or number, where it is large enough", () => {
  const text = "ann:100000:65536\n1001:300000:65536\nbob:400000:1000\nbob:500000:65536\n";
  expect(subordinateRange(text, ["ann", "1000"])).toBe(100_000);
  expect(subordinateRange(text, ["eve", "1001"])).toBe(300_000);
  expect(subordinateRange(text, ["bob", "1002"])).toBe(500_000);
  expect(subordinateRange(text, ["dan", "1003"])).toBeUndefined();
});
