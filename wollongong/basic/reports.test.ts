import { describe, expect, test } from "bun:test";
import { sample } from "../report/fixture.ts";
import { aScene, jobFile, type Scene, until } from "../scene.fixture.ts";

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

describe("more annotations than GitHub takes at a time", () => {
  const HALF = 60;
  const reporting = jobFile("build", "[[reports]]", 'kind = "junit"', 'path = "/work/*.xml"');
  const update = "PATCH /repos/*/check-runs/*";

  /** A report whose tests fail at these lines and the following ones. */
  function junit(first: number): string {
    const test = (line: number) => `<testcase name="t" file="src/a.ts" line="${line}"><failure message="no"/></testcase>`;
    return `<testsuite name="s">${Array.from({ length: HALF }, (_, i) => test(first + i)).join("")}</testsuite>`;
  }

  async function pushTo({ machines, push }: Scene): Promise<string> {
    machines.deeds.set("build", async (machine) => {
      await machine.output("/work/a.xml", junit(1));
      await machine.output("/work/b.xml", junit(HALF + 1));
      await machine.complete();
    });
    return await push({ "a.txt": "1" });
  }

  const count = ({ github }: Scene, sha: string) => github.checkRun(sha, "build")?.annotations.length ?? 0;

  /** Every line once. */
  async function expectEach(scene: Scene, sha: string): Promise<void> {
    await until(() => count(scene, sha) >= 2 * HALF);
    await scene.shows(sha, { "*control": "success", build: "success" });
    const lines = scene.github.checkRun(sha, "build")?.annotations.map(({ start_line }) => start_line);
    expect(lines).toEqual(Array.from({ length: 2 * HALF }, (_, i) => i + 1));
    expect(scene.github.violations).toEqual([]);
  }

  test("come in several updates", async () => {
    await using scene = await aScene({ jobs: { build: reporting } });
    await expectEach(scene, await pushTo(scene));
  });

  test.each<[string, Parameters<Scene["github"]["faults"]["add"]>[1]]>([
    ["is lost", { cut: "after" }],
    ["is 502 though it was done", { status: 502, after: true }],
    ["does not come", { cut: "before" }],
  ])("come once, where GitHub's answer %s", async (_, fault) => {
    await using scene = await aScene({ jobs: { build: reporting } });
    scene.github.faults.add(update, fault, 5);
    await expectEach(scene, await pushTo(scene));
    expect(scene.github.faults.left).toBe(0);
  });

  test("come once, also where Wollongong ends in between", async () => {
    await using scene = await aScene({ jobs: { build: reporting } });
    let asked = 0;
    scene.github.faults.always(
      (call) => {
        if (!call.startsWith("PATCH ") || !call.includes("/check-runs/")) return false;
        asked = count(scene, sha) > 0 ? asked + 1 : 0;
        return asked === 1;
      },
      { cut: "after" },
    );
    const sha = await pushTo(scene);
    await until(() => asked === 1);
    await scene.restart();
    await expectEach(scene, sha);
  });
});
