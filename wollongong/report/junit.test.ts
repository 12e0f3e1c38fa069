import { expect, test } from "bun:test";
import { sample } from "./fixture.ts";
import { readJUnit } from "./junit.ts";

test("pytest's report", () => {
  const { failures, ...counts } = readJUnit(sample("pytest.xml"));
  expect(counts).toMatchObject({ passed: 1, failed: 2, skipped: 1, seconds: 0.044, problems: [] });
  expect(failures[0]).toEqual({
    name: "tests.test_math > test_wrong",
    message: "AssertionError: four | half\nassert 2 == 3\n +  where 2 = halve(4)",
    details: expect.stringContaining("tests/test_math.py:12: AssertionError"),
    file: "tests/test_math.py",
    line: 10,
  });
});

test("Bun's report, with suites in suites", () => {
  const { failures, ...counts } = readJUnit(sample("bun.xml"));
  expect(counts).toMatchObject({ passed: 1, failed: 1, skipped: 1, problems: [] });
  expect(counts.seconds).toBeCloseTo(0.000158);
  expect(failures[0]).toMatchObject({ name: "sum <of> & more > is wrong", file: "web/sum.test.ts", line: 4 });
});

test("Node's report, in which a test to be written is skipped and has failed", () => {
  const { failures, ...counts } = readJUnit(sample("node.xml"));
  expect(counts).toMatchObject({ passed: 1, failed: 2, skipped: 2, problems: [] });
  expect(failures.map(({ name, message }) => [name, message])).toEqual([
    ["test > is wrong", "2 == 3"],
    ["test > throws # hard", "boomin two lines"],
  ]);
});

test("errors are failures, CDATA is text, output of tests is left out", () => {
  const { failures, failed } = readJUnit(`<testsuite time="1,234.5"><testcase name="a">
    <system-out>noise</system-out><error type="java.lang.NullPointerException"><![CDATA[at <init>]]></error></testcase>
    <testcase classname="com.x.ATest" name="com.x.ATest.b"><failure>first\nsecond</failure><failure message="again"/></testcase></testsuite>`);
  expect(failed).toBe(2);
  expect(failures).toEqual([
    { name: "a", message: "java.lang.NullPointerException", details: "at <init>" },
    { name: "com.x.ATest.b", message: "first", details: "first\nsecond" },
  ]);
});

test("a suite's own time is taken where its tests tell none", () => {
  expect(readJUnit('<testsuite time="1,234.5"><testcase name="a"/></testsuite>').seconds).toBe(1234.5);
  const nested = '<testsuites time="3"><testsuite time="1"/><testsuite time="2"><testcase name="a"/></testsuite></testsuites>';
  expect(readJUnit(nested).seconds).toBe(3);
});

test("what XML does not allow but tests print is no fault", () => {
  const { failures, problems } = readJUnit(
    '<testsuite><testcase name="a"><failure>\x1b[31mred\x00</failure></testcase></testsuite>',
  );
  expect(problems).toEqual([]);
  expect(failures[0]?.details).toContain("red");
});

test.each([
  ["nothing", "", "document must contain a root element"],
  ["no XML", "ok 1 - fine", "text data outside of root node"],
  ["another document", "<html><body/></html>", "it is no JUnit report: it begins with <html>"],
  ["a wrong end", "<testsuite></testcase>", "unexpected close tag"],
])("%s is told, with the line", (_, text, problem) => {
  const report = readJUnit(text);
  expect(report).toMatchObject({ passed: 0, failed: 0, problems: [expect.stringContaining(problem)] });
});

test("what comes before a fault counts", () => {
  const report = readJUnit('<testsuite>\n<testcase name="a"/>\n<testcase name="b"><failure>x</failure></testcase>\n<testca');
  expect(report).toMatchObject({
    passed: 1,
    failed: 1,
    problems: [expect.stringMatching(/to its end: it is no XML at line 4: /)],
  });
});

test("entities do not grow, and read no file", () => {
  const lines = Array.from({ length: 20 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(20)}">`).join("");
  const bomb = `<!DOCTYPE t [<!ENTITY e0 "ha">${lines}<!ENTITY f SYSTEM "file:///etc/passwd">]>`;
  for (const entity of ["&e20;", "&f;"]) {
    const report = readJUnit(`${bomb}<testsuite><testcase name="a"><failure>${entity}</failure></testcase></testsuite>`);
    expect(report.problems).toEqual([expect.stringContaining("undefined entity")]);
    expect(report.failures).toEqual([]);
  }
});

test("what is kept of a huge report is small", () => {
  const deep = "<testsuite>".repeat(50_000);
  expect(readJUnit(deep).problems).toHaveLength(1);
  const one = `<testcase name="${"n".repeat(5000)}"><failure message="${"m".repeat(50_000)}">${"x\n".repeat(50_000)}</failure></testcase>`;
  const { failed, failures } = readJUnit(`<testsuite>${one.repeat(120)}</testsuite>`);
  expect([failed, failures.length]).toEqual([120, 100]);
  expect(JSON.stringify(failures[0]).length).toBeLessThan(15_000);
});
