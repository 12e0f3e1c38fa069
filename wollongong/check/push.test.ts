import { describe, expect, test } from "bun:test";
import { aScene, jobFile, jobPath, POLICY, REPO, type Scene, until } from "../scene.fixture.ts";

describe("a push", () => {
  test("becomes a check run that succeeds, with its output, its end and its links", async () => {
    await using scene = await aScene();
    scene.machines.deeds.set("build", async (machine) => {
      await machine.print("one", "two", "`````", `${"x".repeat(90)}y`);
      await machine.output("/out/app.log", "hello");
      await machine.complete();
    });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "success" });
    const text = scene.text(sha, "build");
    expect(text).toContain("Success!");
    expect(text).toContain("| one\n| two");
    expect(text).toContain(`| ${"x".repeat(90)} [...]`);
    expect(text).toContain("``````\n");
    expect(text).toMatch(/\[`\/out\/app\.log`\]\(http:\/\/wollongong\.test\/artefact\/.*\/app\.log\) \(5B\) \[\[rendered\]\]/);
    const run = scene.github.checkRun(sha, "build");
    expect(run?.detailsUrl).toMatch(/^http:\/\/wollongong\.test\/details\/[0-9A-Z]{26}\/[0-9A-Za-z]{48}\/[0-9A-Z]{26}$/);
    expect(run?.externalId).toBe(run?.detailsUrl?.slice(-26) ?? "none");
    expect(scene.github.violations).toEqual([]);
  });

  test("gives the job its repository, commit, branch, token and tags", async () => {
    await using scene = await aScene({ visibility: "private" });
    let seen: { token: string; env: Record<string, string>; names: string[] } | undefined;
    scene.machines.deeds.set("build", async (machine) => {
      const env = machine.job.tasks.at(-1)?.env ?? {};
      seen = { token: await machine.given("GITHUB_TOKEN"), env, names: machine.job.tasks.map(({ name }) => name) };
      await machine.complete();
    });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "success" });
    expect(seen?.names).toEqual(["setup", "authentication", "clone repository", "build"]);
    expect(seen?.env).toMatchObject({
      GITHUB_REPOSITORY: REPO,
      GITHUB_SHA: sha,
      GITHUB_BRANCH: "main",
      GITHUB_REF: "refs/heads/main",
      CI: "true",
    });
    expect(seen?.token).toMatch(/^ghs_/);
    const [job] = await scene.core.admin.call("admin_jobs_get", { query: { completed: 1 } });
    expect(job?.tags).toMatchObject({
      "gong.name": "build",
      "gong.repo.name": "app",
      "gong.head.sha": sha,
      "gong.head.branch": "main",
    });
    expect(job?.name).toBe(`gong/${job?.tags["gong.run.id"]}`);
  });

  test("whose job fails says so, with the reason", async () => {
    await using scene = await aScene();
    scene.machines.deeds.set("build", (machine) => machine.complete(true, "exit status 7"));
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "failure" });
    expect(scene.text(sha, "build")).toContain("exit status 7");
  });

  test("whose job runs out of time says so", async () => {
    await using scene = await aScene();
    scene.machines.deeds.set("build", (machine) =>
      machine.complete(true, "task 3 ran for longer than its timeout_seconds, 60 s"),
    );
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "timed_out" });
  });

  test("with several jobs runs them after what they depend on, and gives them its outputs", async () => {
    const use = jobFile("use", "[dependencies.lib]", 'job = "make"');
    await using scene = await aScene({ jobs: { make: jobFile("make", 'output_rules = ["/out/*"]'), use } });
    scene.machines.deeds.set("make", async (machine) => {
      await machine.output("/out/lib.a", "lib");
      await machine.complete();
    });
    let inputs: string[] = [];
    scene.machines.deeds.set("use", async (machine) => {
      inputs = machine.job.inputs.map(({ name }) => name);
      await machine.complete();
    });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", make: "success", use: "success" });
    expect(scene.machines.ran).toEqual(["make", "use"]);
    expect(inputs).toEqual(["lib/out/lib.a"]);
  });

  test("whose dependency fails fails what depends on it", async () => {
    const use = jobFile("use", "[dependencies.lib]", 'job = "make"');
    await using scene = await aScene({ jobs: { make: jobFile("make"), use } });
    scene.machines.deeds.set("make", (machine) => machine.complete(true));
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", make: "failure", use: "failure" });
    expect(scene.machines.ran).toEqual(["make"]);
  });
});

describe("the policy of the default branch", () => {
  const retired = ({ wollongong }: Scene) =>
    wollongong.wo.db.query("SELECT 1 FROM check_suite WHERE state = 'retired'").all().length;
  const runAgain = ({ github }: Scene, sha: string) => {
    for (const suite of github.suitesOf(sha)) github.rerequestSuite(suite, "ann");
  };

  test("that is missing, or says no, lets nothing be shown, until it says yes and the checks are run again", async () => {
    await using scene = await aScene();
    const off = await scene.push({ [POLICY]: "enable = false\n" });
    const gone = await scene.push({ [POLICY]: null });
    const topic = await scene.push({ [POLICY]: "enable = true\n" }, { branch: "topic" });
    await until(() => retired(scene) === 3);
    expect([scene.checks(off), scene.checks(gone), scene.checks(topic)]).toEqual([{}, {}, {}]);
    const on = await scene.push({ [POLICY]: "enable = true\norg_only = true\n" });
    await scene.shows(on, { "*control": "success", build: "success" });
    runAgain(scene, off);
    await scene.shows(off, { "*control": "success", build: "success" });
  });

  test("that says no meanwhile ends what runs, once the checks are run again", async () => {
    await using scene = await aScene();
    scene.machines.deeds.set("build", async (machine) => {
      await machine.print("working");
      await machine.given("NOTHING");
    });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "in_progress" });
    await scene.push({ [POLICY]: "enable = false\n" });
    runAgain(scene, sha);
    await scene.shows(sha, { "*control": "success", build: "cancelled" });
    await until(async () => (await scene.core.admin.call("admin_jobs_get", { query: { completed: 1 } }))[0]?.cancelled === true);
    expect(retired(scene)).toBe(2);
  });

  test("that cannot be used is told on the control run", async () => {
    await using scene = await aScene();
    const sha = await scene.push({ [POLICY]: "org_only = true\n" });
    await scene.shows(sha, { "*control": "failure" });
    expect(scene.text(sha, "*control")).toContain("enable");
    await scene.push({ [POLICY]: "enable = true\n" });
    const run = scene.github.checkRun(sha, "*control");
    if (run) scene.github.rerequestRun(run, "ann");
    await scene.shows(sha, { "*control": "success", build: "success" });
    expect(scene.github.checkRunsOf(sha).map(({ name }) => name)).toEqual(["*control", "*control", "build"]);
  });

  test("cannot be changed by a commit of another branch", async () => {
    await using scene = await aScene();
    const sha = await scene.push({ [POLICY]: "enable = false\n" }, { branch: "topic" });
    await scene.shows(sha, { "*control": "success", build: "success" });
  });
});

describe("a plan", () => {
  test("with faults tells all of them, with file and line", async () => {
    await using scene = await aScene();
    const sha = await scene.push({
      [jobPath("bad")]: '#!/bin/bash\n#: name = 7\n#: variety = "basic"\n#: colour = "red"\n',
      [jobPath("loop")]: jobFile("loop", "[dependencies.self]", 'job = "nobody"'),
      ".github/buildomat/jobs/README.txt": "no",
    });
    await scene.shows(sha, { "*control": "failure" });
    const text = scene.text(sha, "*control");
    expect(text).toContain("README.txt");
    const mended = await scene.push({ ".github/buildomat/jobs/README.txt": null });
    await scene.shows(mended, { "*control": "failure" });
    const more = scene.text(mended, "*control");
    for (const part of ["bad.sh:2", "bad.sh:4", "colour"]) expect(more).toContain(part);
  });

  test("without job files has nothing to do", async () => {
    await using scene = await aScene({ jobs: {} });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "neutral" });
  });

  test("skips what is not for its branch or its paths, and what depends on that", async () => {
    const jobs = {
      docs: jobFile("docs", 'paths = ["docs/**"]'),
      release: jobFile("release", 'branches = ["release/*"]'),
      after: jobFile("after", "[dependencies.docs]", 'job = "docs"'),
      always: jobFile("always"),
    };
    await using scene = await aScene({ jobs });
    const sha = await scene.push({ "src/a.txt": "1" });
    await scene.shows(sha, { "*control": "success", docs: "skipped", release: "skipped", after: "skipped", always: "success" });
    expect(scene.text(sha, "docs")).toContain("docs/**");
    const docs = await scene.push({ "docs/a.md": "1" });
    await scene.shows(docs, { "*control": "success", docs: "success", release: "skipped", after: "success", always: "success" });
  });
});
