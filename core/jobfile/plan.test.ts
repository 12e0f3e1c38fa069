import { expect, test } from "bun:test";
import { checkListing, readPlan } from "./plan.ts";
import { BadJobFile } from "./problem.ts";

/** A job file of this name, with these lines of TOML. */
const job = (name: string, ...toml: string[]) => ({
  path: `jobs/${name}.sh`,
  text: ["#!/bin/bash", `#: name = "${name}"`, '#: variety = "basic"', ...toml.map((line) => `#: ${line}`), ""].join("\n"),
});

const after = (name: string, ...others: string[]) =>
  job(name, ...others.flatMap((other) => [`[dependencies."${other}"]`, `job = "${other}"`]));

const complaints = (work: () => unknown): string[] => {
  try {
    work();
  } catch (error) {
    if (error instanceof BadJobFile) return error.message.split("\n");
    throw error;
  }
  return [];
};

test("the jobs come by name, without those that are switched off", () => {
  const plan = readPlan([job("b"), job("off", "enable = false"), after("a", "b")]);
  expect(plan.map(({ name, path }) => [name, path])).toEqual([
    ["a", "jobs/a.sh"],
    ["b", "jobs/b.sh"],
  ]);
  expect(readPlan([])).toEqual([]);
});

test("faults of all files come together", () => {
  const files = [job("x", "colour = 1"), job("a", "target = 5"), { path: "jobs/b.sh", text: "echo" }];
  expect(complaints(() => readPlan(files))).toEqual([
    'jobs/a.sh:4: target: expected the name of a target: target = "default"',
    "jobs/b.sh:1: expected an interpreter line: #!/bin/bash",
    expect.stringContaining("jobs/x.sh:4: colour is not a key"),
  ]);
});

test("two jobs cannot have one name, unless one is switched off", () => {
  const twin = { ...job("a"), path: "jobs/twin.sh" };
  expect(complaints(() => readPlan([job("a"), twin]))).toEqual([
    'jobs/twin.sh:2: name: "a" is the name of a.sh too: expected another',
  ]);
  expect(readPlan([job("a"), { ...job("a", "enable = false"), path: "jobs/twin.sh" }])).toHaveLength(1);
});

test("a job depends on jobs of its plan only", () => {
  expect(complaints(() => readPlan([after("a", "gone", "off"), job("off", "enable = false")]))).toEqual([
    'jobs/a.sh:4: dependencies.gone: there is no job "gone": expected the name of another job',
    'jobs/a.sh:6: dependencies.off: the job "off" is switched off: expected the name of another job',
  ]);
});

test("circles are refused, diamonds are not", () => {
  expect(complaints(() => readPlan([after("a", "b"), after("b", "c"), after("c", "b"), after("d", "d")]))).toEqual([
    'jobs/b.sh:4: dependencies: "b" -> "c" -> "b" is a circle: expected none',
    'jobs/d.sh:4: dependencies: "d" -> "d" is a circle: expected none',
  ]);
  expect(readPlan([after("top", "left", "right"), after("left", "base"), after("right", "base"), job("base")])).toHaveLength(4);
});

test("there are at most 32 jobs, those that are switched off not counted", () => {
  const many = Array.from({ length: 32 }, (_, i) => job(`job-${i}`));
  expect(readPlan([...many, job("off", "enable = false")])).toHaveLength(32);
  expect(complaints(() => readPlan([...many, job("one-more")]))).toEqual(["jobs/one-more.sh:2: 33 jobs: expected at most 32"]);
});

test("only scripts belong into the folder", () => {
  expect(complaints(() => checkListing(["jobs/a.sh", "jobs/lib", "jobs/README.md"]))).toEqual([
    "jobs/README.md:1: expected only files named *.sh in this folder",
    "jobs/lib:1: expected only files named *.sh in this folder",
  ]);
});
