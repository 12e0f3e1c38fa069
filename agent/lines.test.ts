import { describe, expect, test } from "bun:test";
import { Mask } from "../core/common/mask.ts";
import { LineSplitter, PIECE } from "./lines.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function split(chunks: (string | Uint8Array)[], mask = new Mask()): string[] {
  const splitter = new LineSplitter(mask);
  const lines = chunks.flatMap((chunk) => splitter.push(typeof chunk === "string" ? bytes(chunk) : chunk));
  return [...lines, ...splitter.end()];
}

describe("a stream in lines", () => {
  test.each<[string, (string | Uint8Array)[], string[]]>([
    ["keeps empty lines", ["a\n\n\nb\n"], ["a", "", "", "b"]],
    ["ends with an unfinished line", ["a\nb"], ["a", "b"]],
    ["is empty when nothing came", [], []],
    ["goes on across chunks", ["on", "e\ntw", "o\n"], ["one", "two"]],
    ["loses trailing blanks, not leading ones", ["  a \t\r\n\u00a0b\u0085\u2003\n"], ["  a", "\u00a0b"]],
    ["keeps what only looks blank", ["a\ufeff\nb\u200b\nc\0\n\ufeffd\n"], ["a\ufeff", "b\u200b", "c\0", "\ufeffd"]],
    ["keeps the carriage returns of a progress line", ["10%\r20%\r30%\r\n"], ["10%\r20%\r30%"]],
    ["shows broken UTF-8", [new Uint8Array([0x61, 0xff, 0x62, 0x0a, 0xc3])], ["a\ufffdb", "\ufffd"]],
    ["joins a letter that was torn apart", [new Uint8Array([0xe2, 0x82]), new Uint8Array([0xac, 0x0a])], ["€"]],
  ])("%s", (_, chunks, lines) => expect(split(chunks)).toEqual(lines));

  test("is the same however it was torn", () => {
    const whole = bytes("äöü\n€ and 😀\n\n  x\ry  \nlast\ufffd".repeat(20));
    const expected = split([whole]);
    for (const size of [1, 2, 3, 5, 7, 64])
      expect(
        split(Array.from({ length: Math.ceil(whole.length / size) }, (_, i) => whole.subarray(i * size, (i + 1) * size))),
      ).toEqual(expected);
  });
});

describe("a long line", () => {
  test.each([1, 1000, 65536, 300_000])("comes in pieces, nothing lost, when it is written %i bytes at a time", (size) => {
    const line = "0123456789".repeat(20_000);
    const written = bytes(`${line}\nnext\n`);
    const lines = split(
      Array.from({ length: Math.ceil(written.length / size) }, (_, i) => written.subarray(i * size, (i + 1) * size)),
    );
    expect(lines.pop()).toBe("next");
    expect(lines.map((piece) => piece.length)).toEqual([PIECE, PIECE, PIECE, 200_000 - 3 * PIECE]);
    expect(lines.join("")).toBe(line);
  });

  test("does not end with an empty piece", () =>
    expect(split(["x".repeat(PIECE), "y", "\n", "z\n"])).toEqual(["x".repeat(PIECE), "y", "z"]));

  test("is never cut through a letter", () => {
    const pieces = split([`x${"😀".repeat(PIECE)}`]);
    expect(pieces.join("")).toBe(`x${"😀".repeat(PIECE)}`);
    for (const piece of pieces) expect(piece.isWellFormed()).toBe(true);
  });

  test("without an end is held only up to a piece", () => {
    const splitter = new LineSplitter(new Mask());
    let given = 0;
    for (let i = 0; i < 1000; i++) for (const piece of splitter.push(bytes("x".repeat(10_000)))) given += piece.length;
    expect(10_000_000 - given).toBeLessThanOrEqual(PIECE);
  });
});

describe("a secret", () => {
  const mask = new Mask();
  mask.add("s3cr3t-value");

  test.each([1, 3, 8192])("is masked when written %i bytes at a time", (size) => {
    const written = bytes("a s3cr3t-value b\nand s3cr3t-value\n");
    expect(
      split(
        Array.from({ length: Math.ceil(written.length / size) }, (_, i) => written.subarray(i * size, (i + 1) * size)),
        mask,
      ),
    ).toEqual(["a *** b", "and ***"]);
  });

  test("is masked also where a long line is cut", () => {
    for (let before = PIECE - 15; before < PIECE + 3; before++) {
      const chunks = ["x".repeat(before), "s3cr", "3t-value", "y".repeat(100), "y".repeat(PIECE)];
      expect(split(chunks, mask).join("")).toBe(`${"x".repeat(before)}***${"y".repeat(100 + PIECE)}`);
    }
  });
});
