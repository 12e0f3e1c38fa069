import { expect, test } from "bun:test";
import { Lru } from "./lru.ts";

test("keeps what was used last and hands back the rest", () => {
  const dropped: string[] = [];
  const lru = new Lru<string>(2, (value) => dropped.push(value));
  lru.set("a", "A");
  lru.set("b", "B");
  expect(lru.get("a")).toBe("A");
  lru.set("c", "C");
  expect(dropped).toEqual(["B"]);
  expect(lru.entries()).toEqual([
    ["a", "A"],
    ["c", "C"],
  ]);
  lru.set("a", "A2");
  lru.delete("c");
  expect([lru.get("a"), lru.get("b"), lru.get("c"), dropped]).toEqual(["A2", undefined, undefined, ["B", "A", "C"]]);
});
