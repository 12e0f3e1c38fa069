import { expect, test } from "bun:test";
import type { Output } from "../core/common/command/output.ts";
import { realWorld } from "../core/common/world.ts";
import { ProgressBars } from "./progress.ts";

/** Bars on a terminal of this width, and what they draw. */
function bars(columns: number | undefined) {
  let now = 0;
  const drawn: string[] = [];
  const out = { columns, draw: (text: string) => void drawn.push(text) } as Output;
  return { bars: new ProgressBars({ ...realWorld(), now: () => now }, out), drawn, pass: (ms: number) => (now += ms) };
}

test("a terminal shows a line for each transfer, drawn over the last", () => {
  const { bars: two, drawn, pass } = bars(100);
  const first = two.add("bun");
  const second = two.add("source.tar.gz");
  first(0, 2 ** 21);
  pass(1000);
  second(10, undefined);
  first(2 ** 20, 2 ** 21);
  const up = "\u001b[2A";
  const [, , last = ""] = drawn;
  expect(last.replaceAll("\r\u001b[K", "")).toBe(
    [
      `${up}bun                   [############------------]   50%  1024.00K of 2.00M  1024.00K/s`,
      "source.tar.gz         [------------------------]        10  9.77K/s\n",
    ].join("\n"),
  );
  two.clear();
  expect(drawn.at(-1)).toBe(`${up}\u001b[J`);
});

test("lines are cut where the terminal ends", () => {
  const { bars: one, drawn } = bars(30);
  one.add("a-very-long-name-of-an-input.tar.gz")(1, 2);
  expect(drawn[0]).toBe("\r\u001b[Ka-very-long-name-of-an-input.\n");
});

test("where there is no terminal nothing is drawn", () => {
  const { bars: one, drawn } = bars(undefined);
  one.add("bun")(1, 2);
  one.clear();
  expect(drawn).toEqual([]);
});
