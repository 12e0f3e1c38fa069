import { expect, test } from "bun:test";
import type { Output } from "../core/common/command/output.ts";
import { Screen } from "./screen.ts";

function aScreen(columns: number, rows: number) {
  const written: string[] = [];
  const out = { size: () => ({ columns, rows }), raw: async (text: string) => void written.push(text) } as unknown as Output;
  return { screen: new Screen(out), written };
}

/** The rows of what was drawn, without what moves the cursor. */
const rowsOf = (text = "") => Bun.stripANSI(text).trimEnd().split("\n");

test("a screen draws in place, and gives back what was there", async () => {
  const { screen, written } = aScreen(80, 24);
  await screen.show(["one"]);
  await screen.show(["two"]);
  await screen[Symbol.asyncDispose]();
  expect(written[0]).toStartWith("\u001b[?1049h");
  expect(written[1]).toBe("\u001b[Htwo\u001b[K\u001b[J\n");
  expect(written[2]).toEndWith("\u001b[?1049l\n");
});

test("a screen on which nothing was drawn is left alone", async () => {
  const { screen, written } = aScreen(80, 24);
  await screen[Symbol.asyncDispose]();
  expect(written).toEqual([]);
});

test("what does not fit is cut, so that nothing scrolls", async () => {
  const { screen, written } = aScreen(8, 5);
  await screen.show(["0123456789", "\u754c\u754c\u754c\u754c\u754c", "third", "fourth"]);
  expect(rowsOf(written[0])).toEqual(["01234567", "\u754c\u754c\u754c\u754c", "... 2 mo"]);
});

test("a job cannot reach the terminal through it", async () => {
  const { screen, written } = aScreen(80, 24);
  await screen.show(["name\u001b]0;title\u0007 and \u001b[2J"]);
  expect(written[0]).not.toContain("\u001b]");
  expect(written[0]).not.toContain("\u001b[2J");
});
