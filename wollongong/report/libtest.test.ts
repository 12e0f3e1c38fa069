import { expect, test } from "bun:test";
import { sample } from "./fixture.ts";
import { readLibtest } from "./libtest.ts";

const WRONG = {
  name: "tests::is_wrong",
  message: "assertion `left == right` failed: three is not four\n  left: 3\n right: 4",
  details: expect.stringMatching(/^about to fail\n(?:.*\n)*.*panicked at src\/lib\.rs:24:9:/),
};
const ERROR = { name: "tests::returns_an_error", message: 'Error: "no luck"', details: 'Error: "no luck"' };

test("what cargo test prints, with two runs in it", () => {
  const report = readLibtest(sample("cargo.txt"));
  expect(report).toMatchObject({ passed: 2, failed: 2, skipped: 1, problems: [] });
  expect(report.seconds).toBeCloseTo(0.2);
  expect(report.failures).toEqual([ERROR, WRONG]);
});

test("the same in JSON", () => {
  const report = readLibtest(sample("cargo.jsonl"));
  expect(report).toMatchObject({ passed: 1, failed: 2, skipped: 1, problems: [] });
  expect(report.seconds).toBeCloseTo(0.1057);
  expect(report.failures).toEqual([ERROR, WRONG]);
});

test("panics of older compilers, tests in documentation, colours", () => {
  const { failures } = readLibtest(
    [
      "running 2 tests",
      "test a ... \x1b[31mFAILED\x1b[0m",
      "test src/lib.rs - add (line 7) ... FAILED",
      "",
      "failures:",
      "",
      "---- a stdout ----",
      "thread 'a' panicked at 'no ''way'', src/old.rs:3:5",
      "",
      "failures:",
      "    a",
      "    src/lib.rs - add (line 7)",
      "",
      "test result: FAILED. 0 passed; 2 failed; 0 ignored; 0 measured; 3 filtered out; finished in 1.50s",
    ].join("\n"),
  );
  expect(failures).toMatchObject([
    { name: "a", message: "no ''way'" },
    { name: "src/lib.rs - add (line 7)", message: "failed", file: "src/lib.rs", line: 7 },
  ]);
});

test("a run that crashed", () => {
  const problem = expect.stringContaining("ended without a result");
  const text = "running 2 tests\ntest a ... FAILED\n";
  expect(readLibtest(text)).toMatchObject({ failed: 1, problems: [problem], failures: [{ name: "a" }] });
  const result = "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
  expect(readLibtest(`${text}running 2 tests\n${result}\n`)).toMatchObject({ passed: 2, failed: 1, problems: [problem] });
});

test("what is no report says so, and hostile numbers count nothing", () => {
  expect(readLibtest("Compiling tree\n{}\n{ not json\n[]").problems).toEqual(["the report tells of no run of tests"]);
  const event = JSON.stringify({ type: "suite", event: "ok", passed: -5, failed: 1e300, ignored: "9" });
  expect(readLibtest(event)).toMatchObject({ passed: 0, failed: 0, skipped: 0 });
  expect(readLibtest(`{"type":"suite","event":"started"}\n${"[".repeat(1e5)}\n{"a":${"[".repeat(1e6)}`).problems).toHaveLength(1);
});

test("what is kept of a huge run is small", () => {
  const lines = ["running 100000 tests"];
  for (let i = 0; i < 20_000; i++) lines.push(`---- t${i} stdout ----`, "x".repeat(500));
  const { failed, failures } = readLibtest(lines.join("\n"));
  expect([failed, failures.length]).toEqual([20_000, 100]);
});
