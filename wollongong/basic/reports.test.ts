import { expect, test } from "bun:test";
import { sample } from "../report/fixture.ts";
import { aScene, jobFile } from "../scene.fixture.ts";

test("the reports of a job become a table and annotations on its check run, also when it fails", async () => {
  const reports = [
    "[[reports]]",
    'kind = "junit"',
    'path = "/work/out/*.xml"',
    "[[reports]]",
    'kind = "tap"',
    'path = "/work/tap"',
  ];
  await using scene = await aScene({ jobs: { build: jobFile("build", ...reports) } });
  scene.machines.deeds.set("build", async (machine) => {
    expect(machine.job.output_rules.map(({ rule }) => rule)).toEqual(["/work/out/*.xml", "/work/tap"]);
    const text = sample("pytest.xml").replaceAll("tests/test_math.py", "/work/acme/app/tests/test_math.py");
    await machine.output("/work/out/pytest.xml", text);
    await machine.output("/work/out/broken.xml", "<html>");
    await machine.complete(true);
  });
  const sha = await scene.push({ "a.txt": "1" });
  await scene.shows(sha, { "*control": "success", build: "failure" });
  const text = scene.text(sha, "build");
  expect(text).toContain("| `/work/out/pytest.xml` | 1 | **2** | 1 | 0.04 s |");
  expect(text).toContain("- `/work/out/broken.xml`: `the report cannot be read to its end: it is no JUnit report");
  expect(text).toContain("- `/work/tap`: `the job has no such output`");
  const run = scene.github.checkRunsOf(sha).find(({ name }) => name === "build");
  expect(run?.annotations).toMatchObject([
    { path: "tests/test_math.py", start_line: 12, annotation_level: "failure", title: "tests.test_math > test_wrong" },
    { path: "tests/test_math.py", start_line: 15 },
  ]);
});
