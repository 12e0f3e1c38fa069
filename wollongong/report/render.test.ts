import { expect, test } from "bun:test";
import { sample } from "./fixture.ts";
import { readJUnit } from "./junit.ts";
import { readReport, unread } from "./read.ts";
import { annotations, summary } from "./render.ts";
import { Tally } from "./tally.ts";

const ROOT = "/work/oxide/tree";
const pytest = { name: "/work/out/pytest.xml", report: readJUnit(sample("pytest.xml")) };

const failing = (count: number, name: (i: number) => string, details = "") => {
  const report = new Tally();
  for (let i = 0; i < count; i++) report.fail({ name: name(i), message: "wrong", details });
  return report;
};

test("a table, and what failed", () => {
  const cargo = { name: "cargo.txt", report: readReport("libtest", Buffer.from(sample("cargo.txt"))) };
  const text = summary([pytest, cargo]);
  expect(text.split("\n\n")[0]).toBe(
    [
      "| tests | passed | failed | skipped | time |",
      "|---|--:|--:|--:|--:|",
      "| `/work/out/pytest.xml` | 1 | **2** | 1 | 0.04 s |",
      "| `cargo.txt` | 2 | **2** | 1 | 0.20 s |",
      "| **all** | 3 | **4** | 2 | 0.24 s |",
    ].join("\n"),
  );
  expect(text).toContain("<details><summary><code>tests.test_math &gt; test_wrong</code></summary>\n\n```\n");
});

test("one report has no sum; its faults are told", () => {
  const text = summary([{ name: "a|b`c", report: unread("there is no `such` file") }]);
  expect(text.split("\n").slice(2)).toEqual(["| ``a\\|b`c`` | 0 | 0 | 0 |  |", "", "- ``a|b`c``: ``there is no `such` file``"]);
});

test("names and texts cannot leave their place", () => {
  const report = failing(1, () => "</code></summary><script> @admin\n\n# big", "```\n</details>\n````\n![x](http://x/)");
  const text = summary([{ name: "x", report }]);
  expect(text).toContain("<code>&lt;/code&gt;&lt;/summary&gt;&lt;script&gt; @admin # big</code>");
  expect(text).toContain("`````\nwrong\n\n```\n</details>\n````\n![x](http://x/)\n`````\n\n</details>");
});

test("a summary has room for what else is to be said", () => {
  const huge = failing(300, (i) => `test ${i}`, "é\n".repeat(3000));
  const text = summary(Array.from({ length: 80 }, (_, i) => ({ name: `r${i}`, report: huge })));
  expect(Buffer.byteLength(text)).toBeLessThan(50_000);
  expect(text).toContain("| and 30 more | | | | |");
  expect(text).toMatch(/\nand \d+ more failed$/);
});

test("annotations say where, what and why", () => {
  expect(annotations([pytest], ROOT)).toEqual([
    {
      path: "tests/test_math.py",
      start_line: 12,
      end_line: 12,
      annotation_level: "failure",
      title: "tests.test_math > test_wrong",
      message: "AssertionError: four | half\nassert 2 == 3\n +  where 2 = halve(4)",
      raw_details: expect.stringContaining("def test_wrong"),
    },
    expect.objectContaining({ start_line: 15, message: "ValueError: odd: 5" }),
  ]);
});

test("there are at most two hundred annotations, each within GitHub's limits", () => {
  const report = failing(300, (i) => `${i} ${"n".repeat(1000)}`, `src/a.rs:3:1 ${"é".repeat(50_000)}`);
  const found = annotations(
    ["x", "y", "z"].map((name) => ({ name, report })),
    ROOT,
  );
  expect(found).toHaveLength(200);
  for (const { title = "", message, raw_details = "" } of found) {
    expect(title.length).toBeLessThanOrEqual(255);
    for (const text of [message, raw_details]) expect(Buffer.byteLength(text)).toBeLessThan(64 * 1024);
  }
});

test("a report that is too large is not read, and bytes that are no text do no harm", () => {
  expect(readReport("tap", new Uint8Array(17 * 1024 * 1024)).problems).toEqual([expect.stringContaining("it is not read")]);
  expect(readReport("tap", new Uint8Array([0xff, 0xfe, 0x0a])).problems).toEqual(["the report tells of no test"]);
});
