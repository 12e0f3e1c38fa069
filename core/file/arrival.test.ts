import { expect, test } from "bun:test";
import { Arrival } from "./arrival.ts";

const MiB = 1024 * 1024;

test("hashing may go on as far as nothing is missing", () => {
  const arrival = new Arrival();
  expect(arrival.add(0, 40 * MiB)).toBe(40 * MiB);
  expect(arrival.add(50 * MiB, 90 * MiB)).toBeUndefined();
  expect(arrival.add(90 * MiB, 95 * MiB)).toBeUndefined();
  expect(arrival.add(40 * MiB, 50 * MiB)).toBe(95 * MiB);
});

test("a few bytes are not worth it", () => {
  const arrival = new Arrival();
  expect(arrival.add(0, 5 * MiB)).toBeUndefined();
  expect(arrival.add(5 * MiB, 10 * MiB)).toBeUndefined();
});

test("a chunk that comes again before its turn changes nothing", () => {
  const arrival = new Arrival();
  for (const _ of [1, 2]) expect(arrival.add(MiB, 40 * MiB)).toBeUndefined();
  arrival.touch(0);
  expect(arrival.add(0, MiB)).toBe(40 * MiB);
  expect(arrival.rewritten).toBeFalse();
});

test("one that comes again after it was handed out is noticed, and nothing more is handed out", () => {
  const arrival = new Arrival();
  arrival.add(0, 40 * MiB);
  arrival.touch(40 * MiB);
  expect(arrival.rewritten).toBeFalse();
  arrival.touch(39 * MiB);
  expect(arrival.rewritten).toBeTrue();
  expect(arrival.add(40 * MiB, 100 * MiB)).toBeUndefined();
});

test("an empty chunk does no harm", () => {
  const arrival = new Arrival();
  expect(arrival.add(0, 0)).toBeUndefined();
  expect(arrival.add(0, 40 * MiB)).toBe(40 * MiB);
});
