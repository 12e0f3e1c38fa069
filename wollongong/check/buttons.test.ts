import { describe, expect, test } from "bun:test";
import { aScene, jobFile, type Scene, until } from "../scene.fixture.ts";

/** Jobs that say when they begin and wait until they are let go. */
function gate({ machines }: Scene, ...names: string[]) {
  const free = Promise.withResolvers<void>();
  const begun: string[] = [];
  for (const name of names)
    machines.deeds.set(name, async (machine) => {
      await machine.print(`${name} begins`);
      begun.push(name);
      await free.promise;
      await machine.complete();
    });
  return { begun, open: () => free.resolve(), all: () => until(() => begun.length === names.length) };
}

function run(scene: Scene, sha: string, name: string) {
  const found = scene.github.checkRun(sha, name);
  if (!found) throw new Error(`there is no check run ${name}`);
  return found;
}

const two = { build: jobFile("build"), test: jobFile("test") };

describe("cancelling", () => {
  test("one job ends it, and no other", async () => {
    await using scene = await aScene({ jobs: two });
    const jobs = gate(scene, "build", "test");
    const sha = await scene.push({ "a.txt": "1" });
    await jobs.all();
    await scene.shows(sha, { "*control": "success", build: "in_progress", test: "in_progress" });
    expect(run(scene, sha, "build").actions.map(({ identifier }) => identifier)).toEqual(["cancel", "cancel_all"]);
    scene.github.requestAction(run(scene, sha, "build"), "cancel", "ann");
    await scene.shows(sha, { "*control": "success", build: "cancelled", test: "in_progress" });
    expect(scene.text(sha, "build")).toContain("Cancelled by ann");
    jobs.open();
    await scene.shows(sha, { "*control": "success", build: "cancelled", test: "success" });
    scene.github.requestAction(run(scene, sha, "test"), "cancel", "ann");
    await scene.github.deliveries.idle();
    expect(scene.checks(sha)).toEqual({ "*control": "success", build: "cancelled", test: "success" });
  });

  test("all jobs ends every one, also those that wait for others", async () => {
    const after = jobFile("after", "[dependencies.build]", 'job = "build"');
    await using scene = await aScene({ jobs: { ...two, after } });
    const jobs = gate(scene, "build", "test");
    const sha = await scene.push({ "a.txt": "1" });
    await jobs.all();
    await scene.shows(sha, { "*control": "success", build: "in_progress", test: "in_progress", after: "queued" });
    scene.github.requestAction(run(scene, sha, "build"), "cancel_all", "ann");
    await scene.shows(sha, { "*control": "success", build: "cancelled", test: "cancelled", after: "cancelled" });
    expect(scene.machines.ran.toSorted()).toEqual(["build", "test"]);
  });
});

test("a button that a run does not show does nothing", async () => {
  await using scene = await aScene();
  const jobs = gate(scene, "build");
  const sha = await scene.push({ "a.txt": "1" });
  await jobs.all();
  await scene.shows(sha, { "*control": "success", build: "in_progress" });
  const press = async (name: string, identifier: string) => {
    const { id, externalId: external_id } = run(scene, sha, name);
    const { owner, ...repository } = scene.github.repository("acme/app");
    await scene.wollongong.send("check_run", {
      action: "requested_action",
      check_run: { id, external_id },
      requested_action: { identifier },
      repository: { id: repository.id, name: repository.name, owner: { id: owner.id, login: owner.login } },
      sender: { id: 1, login: "ann" },
    });
  };
  await press("*control", "cancel");
  await press("*control", "cancel_all");
  await press("*control", "auth");
  await press("build", "auth");
  const notes = () =>
    scene.wollongong.wo.db.query<{ note: string }, []>("SELECT note FROM delivery ORDER BY seq DESC LIMIT 4").all();
  await until(() => notes().every(({ note }) => note !== null));
  expect(notes().map(({ note }) => note)).toEqual([
    "it does not ask for approval",
    "it does not ask for approval",
    "the control run has no such button",
    "it has ended already",
  ]);
  jobs.open();
  await scene.shows(sha, { "*control": "success", build: "success" });
});

describe("running again", () => {
  test("one job makes a new run of it alone", async () => {
    await using scene = await aScene({ jobs: two });
    let tries = 0;
    scene.machines.deeds.set("build", (machine) => machine.complete(++tries === 1));
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "failure", test: "success" });
    const first = run(scene, sha, "build");
    scene.github.rerequestRun(first, "ann");
    await scene.shows(sha, { "*control": "success", build: "success", test: "success" });
    expect(run(scene, sha, "build").id).not.toBe(first.id);
    expect(scene.machines.ran.toSorted()).toEqual(["build", "build", "test"]);
    scene.github.rerequestRun(first, "ann");
    await scene.github.deliveries.idle();
    await until(() => scene.wollongong.wo.db.query("SELECT 1 FROM delivery WHERE note LIKE 'it was replaced%'").get() !== null);
    expect(scene.machines.ran).toHaveLength(3);
  });

  test("a job that runs ends the one that it replaces", async () => {
    await using scene = await aScene();
    const jobs = gate(scene, "build");
    const sha = await scene.push({ "a.txt": "1" });
    await jobs.all();
    await scene.shows(sha, { "*control": "success", build: "in_progress" });
    const first = run(scene, sha, "build");
    scene.github.rerequestRun(first, "ann");
    await until(() => run(scene, sha, "build").id !== first.id && first.conclusion === "cancelled");
    jobs.open();
    await scene.shows(sha, { "*control": "success", build: "success" });
    const jobsNow = await scene.core.admin.call("admin_jobs_get", { query: { completed: 10 } });
    expect(jobsNow.map(({ cancelled }) => cancelled).toSorted()).toEqual([false, true]);
  });

  test("everything ends all that runs, and begins it anew", async () => {
    await using scene = await aScene({ jobs: two });
    const jobs = gate(scene, "build", "test");
    const sha = await scene.push({ "a.txt": "1" });
    await jobs.all();
    await scene.shows(sha, { "*control": "success", build: "in_progress", test: "in_progress" });
    const old = ["build", "test"].map((name) => run(scene, sha, name));
    for (const suite of scene.github.suitesOf(sha)) scene.github.rerequestSuite(suite, "ann");
    await until(() => jobs.begun.length === 4 && old.every(({ conclusion }) => conclusion === "cancelled"));
    jobs.open();
    await scene.shows(sha, { "*control": "success", build: "success", test: "success" });
    const done = () => scene.core.admin.call("admin_jobs_get", { query: { completed: 10 } });
    await until(async () => (await done()).length === 4);
    expect((await done()).map(({ cancelled }) => cancelled).toSorted()).toEqual([false, false, true, true]);
  });

  test("a dependency says so on what has used its earlier result", async () => {
    const use = jobFile("use", "[dependencies.build]", 'job = "build"');
    await using scene = await aScene({ jobs: { build: jobFile("build"), use } });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "success", use: "success" });
    scene.github.rerequestRun(run(scene, sha, "build"), "ann");
    await until(() => scene.text(sha, "use").includes("an earlier result of `build`"));
    await scene.shows(sha, { "*control": "success", build: "success", use: "success" });
    expect(scene.machines.ran).toEqual(["build", "use", "build"]);
  });

  test.each(["the control run", "all checks"])("%s begins with the plan", async (what) => {
    await using scene = await aScene({ jobs: two });
    const sha = await scene.push({ "a.txt": "1" });
    const all = { "*control": "success", build: "success", test: "success" };
    await scene.shows(sha, all);
    const [first] = [run(scene, sha, "*control")];
    const [suite] = scene.github.suitesOf(sha);
    if (what === "all checks" && suite) scene.github.rerequestSuite(suite, "ann");
    else scene.github.rerequestRun(first, "ann");
    await until(() => run(scene, sha, "*control").id !== first.id && scene.machines.ran.length === 4);
    await scene.shows(sha, all);
    expect(scene.machines.ran.toSorted()).toEqual(["build", "build", "test", "test"]);
  });
});
