import { expect, test } from "bun:test";
import { sample } from "./fixture.ts";
import { readTap } from "./tap.ts";

const read = (...lines: string[]) => readTap(lines.join("\n"));
const counts = ({ passed, failed, skipped }: ReturnType<typeof readTap>) => [passed, failed, skipped];

test("Node's report: a suite counts through its tests", () => {
  const report = readTap(sample("node.tap"));
  expect(counts(report)).toEqual([1, 2, 2]);
  expect(report.problems).toEqual([]);
  expect(report.failures).toEqual([
    {
      name: "sum > is wrong",
      message: "2 == 3",
      details: expect.stringContaining("failureType: 'testCodeFailure'"),
      file: "/work/oxide/tree/web/sum.test.mjs",
      line: 5,
    },
    {
      name: "throws # hard",
      message: "boom\nin two lines",
      details: expect.stringContaining("sum.test.mjs:11:37"),
      file: "/work/oxide/tree/web/sum.test.mjs",
      line: 11,
    },
  ]);
});

test("Perl's report", () => {
  const report = readTap(sample("perl.tap"));
  expect(counts(report)).toEqual([2, 2, 2]);
  expect(report.failures.map(({ name }) => name)).toEqual(["two", "inner > b"]);
  expect(report.problems).toEqual([]);
});

test("what Perl's tests say on the side belongs to the test before", () => {
  const report = read("1..1", "not ok 1 - two", "#   Failed test 'two'", "#   at t.t line 3.", "#          got: '2'");
  expect(report.failures[0]?.details).toBe("Failed test 'two'\nat t.t line 3.\n       got: '2'");
});

test("version 14: subtests in braces, escapes, pragmas, places in diagnostics", () => {
  const report = read(
    "TAP version 14",
    "pragma +strict",
    "1..3",
    "ok 1 - outer {",
    "    1..2",
    "    ok 1 - a \\# b \\\\",
    "    not ok 2 - inner {",
    "        1..1",
    "        not ok 1 - deep",
    "          ---",
    '          message: "first\\nsecond"',
    "          at:",
    "            file: lib/deep.js",
    "            line: 12",
    "          ...",
    "    }",
    "}",
    "ok 2 - after",
    "not ok 3 - alone {",
    "    1..1",
    "    ok 1 - fine",
    "}",
  );
  expect(counts(report)).toEqual([3, 2, 0]);
  expect(report.failures).toMatchObject([
    { name: "outer > inner > deep", message: "first\nsecond", file: "lib/deep.js", line: 12 },
    { name: "alone", message: "failed" },
  ]);
  expect(report.problems).toEqual([]);
});

test.each([
  [["1..0 # SKIP no database"], [0, 0, 0], []],
  [["1..3", "ok 1", "ok 2"], [2, 0, 0], ["3 tests were planned, and 2 were told of"]],
  [["ok", "not ok"], [1, 1, 0], ["there is no plan: the report may have been cut off"]],
  [
    ["1..2", "ok 1", "Bail out! disk full"],
    [1, 0, 0],
    ["the run was given up: disk full", "2 tests were planned, and 1 were told of"],
  ],
  [["1..1", "    1..2", "    ok 1", "ok 1 - sub"], [1, 0, 0], ["sub > 2 tests were planned, and 1 were told of"]],
  [["hello", "world"], [0, 0, 0], ["the report tells of no test"]],
  [["1..2", "ok 1 - a # skip", "not ok 2 - b # TODO some day"], [0, 0, 2], []],
  [["1..1", "    ok 1 - an orphan", "    1..1"], [1, 0, 0], ["1 tests were planned, and 0 were told of"]],
])("%j", (lines, expected, problems) => {
  const report = read(...lines);
  expect(counts(report)).toEqual(expected);
  expect(report.problems).toEqual(problems);
});

test("what is kept of a hostile report is small, and read in a moment", () => {
  const deep = Array.from({ length: 2000 }, (_, i) => `${" ".repeat(4 * i)}ok 1 - x {`);
  expect(readTap(deep.join("\n")).problems.length).toBeLessThanOrEqual(10);
  const anchors = ["not ok 1", "  ---", "  a: &a [x,x,x,x]", ...Array.from({ length: 1e5 }, () => "  message: *a"), "  ..."];
  expect(readTap(anchors.join("\n")).failures[0]?.message).toBe("*a");
  expect(JSON.stringify(readTap(`not ok ${"x ".repeat(1e6)}`)).length).toBeLessThan(1000);
});
