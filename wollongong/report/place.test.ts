import { expect, test } from "bun:test";
import { sample } from "./fixture.ts";
import { readJUnit } from "./junit.ts";
import { readLibtest } from "./libtest.ts";
import { inRepository, placeOf } from "./place.ts";
import { readTap } from "./tap.ts";

const ROOT = "/work/oxide/tree";

test("the line of a failure, from real reports", () => {
  const places = [
    readJUnit(sample("pytest.xml")),
    readJUnit(sample("bun.xml")),
    readJUnit(sample("node.xml")),
    readTap(sample("node.tap")),
    readTap(sample("perl.tap")),
    readLibtest(sample("cargo.txt")),
  ].map(({ failures }) => failures.map((failure) => placeOf(failure, ROOT)));
  const at = (path: string, line: number) => ({ path, line });
  expect(places).toEqual([
    [at("tests/test_math.py", 12), at("tests/test_math.py", 15)],
    [at("web/sum.test.ts", 5)],
    [at("web/sum.test.mjs", 6), at("web/sum.test.mjs", 11)],
    [at("web/sum.test.mjs", 5), at("web/sum.test.mjs", 11)],
    [undefined, undefined],
    [undefined, at("src/lib.rs", 24)],
  ]);
});

test.each([
  ["/work/oxide/tree/src/a.rs", "src/a.rs"],
  ["file:///work/oxide/tree/a.ts", "a.ts"],
  ["./././src/a.rs", "src/a.rs"],
  ["src/a b.rs", "src/a b.rs"],
  ["/work/oxide/tree", undefined],
  ["/work/oxide/treehouse/a.rs", undefined],
  ["/etc/passwd", undefined],
  ["../a.rs", undefined],
  ["src/../../a.rs", undefined],
  ["src//a.rs", undefined],
  ["node:internal/timers", undefined],
  ["C:\\a.rs", undefined],
  ["node_modules/x/a.js", undefined],
  ["a\n.rs", undefined],
  ["", undefined],
  [`${"a/".repeat(300)}b`, undefined],
])("%p in the repository is %p", (path, expected) => {
  expect(inRepository(path, ROOT)).toBe(expected);
});

const failure = (details: string, more: { file?: string; line?: number } = {}) => ({ name: "t", message: "m", details, ...more });

test("the file of the test comes before others that are spoken of", () => {
  const details = 'File "/work/oxide/tree/lib/help.py", line 3, in help\nFile "/work/oxide/tree/tests/a.py", line 9, in test';
  expect(placeOf(failure(details), ROOT)).toEqual({ path: "lib/help.py", line: 3 });
  expect(placeOf(failure(details, { file: "tests/a.py", line: 7 }), ROOT)).toEqual({ path: "tests/a.py", line: 9 });
  expect(placeOf(failure(details, { file: "tests/b.py", line: 7 }), ROOT)).toEqual({ path: "tests/b.py", line: 7 });
  expect(placeOf(failure("", { file: "tests/b.py" }), ROOT)).toEqual({ path: "tests/b.py", line: 1 });
  expect(placeOf(failure("a.py:4: boom", { file: "a.py" }), ROOT)).toEqual({ path: "a.py", line: 4 });
});

test("a server is no file", () => {
  expect(placeOf(failure("connect example.com:80, http://example.com/a.js:81, 12.30:45"), ROOT)).toBeUndefined();
});

test("a hostile text is looked through in a moment", () => {
  for (const text of ["a.".repeat(4000), "a.b:".repeat(2000), 'File "'.repeat(1500), "x".repeat(8000)])
    for (let i = 0; i < 100; i++) expect(placeOf(failure(text), ROOT)).toBeUndefined();
});
