import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { aScene, jobFile, jobPath, POLICY, type Scene } from "../scene.fixture.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await aScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

const JOBS = ".github/buildomat/jobs";
let branches = 0;
/** Pushes a commit to a branch of its own. */
const push = (files: Record<string, string | null>) => scene.push(files, { branch: `topic-${++branches}` });
const after = (...names: string[]) => names.flatMap((name) => [`[dependencies.${name}]`, `job = "${name}"`]);
const many = (count: number, ...keys: string[]) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => `job-${String(i).padStart(2, "0")}`).map((name) => [
      jobPath(name),
      jobFile(name, ...keys),
    ]),
  );

describe("a plan is refused as a whole, with the reason, for", () => {
  test.each<[string, Record<string, string | null>, string]>([
    ["a folder among the job files", { [`${JOBS}/lib.sh/a.sh`]: "x" }, "jobs/lib.sh/:1: expected only files named *.sh"],
    ["another file among them", { [`${JOBS}/build.bash`]: "x" }, "jobs/build.bash:1: expected only files named *.sh"],
    ["no interpreter", { [jobPath("a")]: '#: name = "a"\n' }, "jobs/a.sh:1: expected an interpreter line"],
    ["no name", { [jobPath("a")]: '#!/bin/sh\n#: variety = "basic"\n' }, "jobs/a.sh:2: name is missing"],
    ["no front matter", { [jobPath("a")]: "#!/bin/sh\necho hello\n" }, "jobs/a.sh:1: name is missing"],
    ["another variety", { [jobPath("a")]: '#!/bin/sh\n#: name = "a"\n#: variety = "always_pass"\n' }, "jobs/a.sh:3: variety"],
    ["what is not TOML", { [jobPath("a")]: "#!/bin/sh\n#: name = \n" }, "jobs/a.sh:2: this is not TOML: "],
    ["a misspelt switch", { [jobPath("a")]: jobFile("a", "enabled = false") }, "jobs/a.sh:5: enabled is not a key: write enable"],
    ["an unknown key", { [jobPath("a")]: jobFile("a", "colour = 1") }, "jobs/a.sh:5: colour is not a key: expected one of name"],
    [
      "a wrong value",
      { [jobPath("a")]: jobFile("a", "publish = 1") },
      "jobs/a.sh:5: publish: expected tables headed [[publish]]",
    ],
    ["a reserved name", { [jobPath("a")]: jobFile("*control") }, 'not "*control"'],
    [
      "a name that is there twice",
      { [jobPath("twin")]: jobFile("build") },
      'jobs/twin.sh:3: name: "build" is the name of build.sh too',
    ],
    ["a dependency that is not there", { [jobPath("a")]: jobFile("a", ...after("b")) }, 'there is no job "b"'],
    [
      "a dependency that is switched off",
      { [jobPath("a")]: jobFile("a", ...after("b")), [jobPath("b")]: jobFile("b", "enable = false") },
      'the job "b" is switched off',
    ],
    [
      "a circle",
      { [jobPath("a")]: jobFile("a", ...after("b")), [jobPath("b")]: jobFile("b", ...after("a")) },
      '"a" -> "b" -> "a" is a circle',
    ],
    ["too many jobs", many(32), "33 jobs: expected at most 32"],
    [
      "a file that GitHub does not hand out",
      { [jobPath("a")]: `#!/bin/sh\n${"#".repeat(1_100_000)}` },
      "too large: the limit is 1 MB",
    ],
  ])("%s", async (_, files, reason) => {
    const sha = await push(files);
    await scene.shows(sha, { "*control": "failure" });
    const text = scene.text(sha, "*control");
    expect(text).toContain("The plan could not be loaded.");
    expect(text).toContain(reason);
    expect(text).not.toMatch(/\.ts:\d|^ +at /m);
    const { wo } = scene.wollongong;
    expect(wo.db.query("SELECT state, plan FROM check_suite WHERE head_sha = ?").get(sha)).toEqual({
      state: "parked",
      plan: null,
    });
  });
});

test("the page of the control run has each fault on a line", async () => {
  const sha = await push({ [jobPath("a")]: jobFile("a", "colour = 1", "target = 7") });
  await scene.shows(sha, { "*control": "failure" });
  const page = new URL(scene.github.checkRun(sha, "*control")?.detailsUrl ?? "").pathname;
  const html = await (await fetch(scene.wollongong.url + page)).text();
  expect(html).toMatch(
    /<span class="story">The plan could not be loaded\.\n\n- \S+a\.sh:5: colour is not [^\n]*\n- \S+a\.sh:6: target: [^\n]*<\/span>/,
  );
});

test("32 jobs are a plan, those that are switched off not counted; their runs are made in the order of their names", async () => {
  const off = { [jobPath("off")]: jobFile("off", "enable = false"), [jobPath("build")]: null };
  const sha = await push({ ...many(32, 'branches = ["nowhere"]'), ...off });
  const names = Object.keys(many(32)).map((path) => path.slice(JOBS.length + 1, -3));
  await scene.shows(sha, Object.fromEntries([["*control", "success"], ...names.map((name) => [name, "skipped"])]));
  const byId = scene.github.checkRunsOf(sha).toSorted((a, b) => ((a.externalId ?? "") < (b.externalId ?? "") ? -1 : 1));
  expect(byId.map(({ name }) => name)).toEqual(["*control", ...names]);
});

test("any interpreter, CRLF, comments and further keys of a dependency are let pass; a job may read what others made", async () => {
  const crlf = ["#!/usr/bin/env fish", "# hello", '#: name = "odd"', '#:#: variety = "basic"', "", "echo", ""].join("\r\n");
  const top = jobFile("top", "[dependencies.left]", 'job = "odd"', "copy = true", "[dependencies.right]", 'job = "odd"');
  const sha = await push({ [jobPath("odd")]: crlf, [jobPath("top")]: top, [jobPath("build")]: null });
  await scene.shows(sha, { "*control": "success", odd: "success", top: "success" });
});

describe("the configuration of the default branch", () => {
  test.each([
    ["without enable", "org_only = true\n", "enable"],
    ["with something else for a switch", 'enable = "yes"\n', "enable"],
    ["with something else for users", "enable = true\nallow_users = 'ben'\n", "allow_users"],
    ["that is not TOML", "enable = \n", "config.toml"],
  ])("%s is told on the control run", async (_, policy, part) => {
    await scene.push({ [POLICY]: policy });
    const sha = await push({ "a.txt": String(branches) });
    await scene.shows(sha, { "*control": "failure" });
    expect(scene.text(sha, "*control")).toMatch(/The configuration of the default branch cannot be used: /);
    expect(scene.text(sha, "*control")).toContain(part);
  });

  test("may have keys that nobody knows", async () => {
    await scene.push({ [POLICY]: 'enable = true\ncolour = "red"\n[more]\nx = 1\n' });
    const sha = await push({ "a.txt": "known" });
    await scene.shows(sha, { "*control": "success", build: "success" });
  });
});
