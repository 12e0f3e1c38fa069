import { describe, expect, test } from "bun:test";
import { realWorld } from "../../core/common/world.ts";
import { createRun } from "../../test/fake/github/change/check.ts";
import { manualWorld } from "../../test/fixture/manual-world.ts";
import { aScene, jobFile, jobPath, POLICY, type Scene, until } from "../scene.fixture.ts";

const done = { "*control": "success", build: "success" };
const CREATE = "POST /repos/*/check-runs";
const UPDATE = "PATCH /repos/*/check-runs/*";

/** Nothing was made twice. */
async function expectOnce(scene: Scene, sha: string): Promise<void> {
  const names = scene.github.checkRunsOf(sha).map(({ name }) => name);
  expect(names.toSorted()).toEqual(["*control", "build"]);
  expect(scene.machines.ran).toEqual(["build"]);
  expect(await scene.core.admin.call("admin_jobs_get", { query: { completed: 10 } })).toHaveLength(1);
  expect(scene.github.violations).toEqual([]);
}

describe("GitHub", () => {
  test.each<[string, Parameters<Scene["github"]["faults"]["add"]>[]]>([
    [
      "answers 502 now and then",
      [
        ["GET *", { status: 502 }, 3],
        [CREATE, { status: 502 }],
        [UPDATE, { status: 500 }, 4],
      ],
    ],
    ["makes a check run and its answer is lost", [[CREATE, { cut: "after" }, 2]]],
    ["makes a check run and says 502", [[CREATE, { status: 502, after: true }, 2]]],
    [
      "does not answer",
      [
        ["GET *", { cut: "before" }, 3],
        [CREATE, { cut: "before" }],
      ],
    ],
    ["answers with something else", [[UPDATE, "garbled", 1]]],
    [
      "wants us to ask less",
      [
        ["GET *", { limit: "secondary", seconds: 1 }],
        [CREATE, { limit: "secondary", seconds: 1, status: 429 }],
      ],
    ],
    ["has no calls left for us", [[CREATE, { limit: "primary", seconds: 1 }]]],
  ])("%s: all is shown in the end, once", async (_, faults) => {
    await using scene = await aScene();
    for (const fault of faults) scene.github.faults.add(...fault);
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, done);
    await expectOnce(scene, sha);
  });

  test.each<[string, Parameters<Scene["github"]["faults"]["add"]>[1]]>([
    ["has no calls left for an hour", { limit: "primary", seconds: 3600 }],
    ["wants to be left alone for an hour", { limit: "secondary", seconds: 3600 }],
  ])("%s: it is not asked before", async (_, fault) => {
    await using scene = await aScene();
    scene.github.faults.add(CREATE, fault);
    const { db } = scene.wollongong.wo;
    const later = () => db.query("SELECT 1 FROM check_suite WHERE due > ?").all(Date.now() + 3_000_000).length;
    await scene.push({ "a.txt": "1" });
    await until(() => later() === 1);
    const asked = scene.github.callsOf().length;
    await scene.push({ "a.txt": "2" });
    await until(() => later() === 2);
    expect(scene.github.callsOf()).toHaveLength(asked);
  });

  test("refuses one run: the others are shown", async () => {
    await using scene = await aScene({ jobs: { build: jobFile("build"), odd: jobFile("odd") } });
    scene.github.faults.add((call) => call.startsWith("POST ") && call.endsWith("/check-runs"), { status: 422, message: "no" });
    const sha = await scene.push({ "a.txt": "1" });
    await until(() => scene.machines.ran.length === 2);
    await until(() => Object.values(scene.checks(sha)).filter((state) => state === "success").length >= 2);
    expect(scene.github.faults.left).toBe(0);
  });

  test("has more runs in the suite than it lists at once, of others too: a run whose answer was lost is found", async () => {
    await using scene = await aScene();
    const { github } = scene;
    github.deliveries.treat = ({ event }) => (event === "check_suite" ? "hold" : "send");
    const sha = await scene.push({ "a.txt": "1" });
    github.faults.add(CREATE, { cut: "after" });
    github.deliveries.treat = () => "send";
    await github.deliveries.release();
    await until(() => github.checkRun(sha, "*control") !== undefined);
    const [suite] = github.suitesOf(sha);
    if (!suite) throw new Error("there is no suite");
    for (let i = 0; i < 120; i++)
      createRun(github.hub, suite, { name: "other", external_id: i % 2 === 0 ? `other ${i}` : "" }, github.account("ann"));
    await scene.shows(sha, { ...done, other: "queued" });
    expect(github.checkRunsOf(sha).filter(({ name }) => name !== "other")).toHaveLength(2);
  });

  test("is slow for one repository: others do not wait for it", async () => {
    const free = Promise.withResolvers<void>();
    const real = realWorld();
    let held = 0;
    const world = {
      ...real,
      async fetch(...[url, init]: Parameters<typeof real.fetch>) {
        if (url.includes("/repos/acme/slow/")) {
          held++;
          await free.promise;
        }
        return await real.fetch(url, init);
      },
    };
    await using scene = await aScene({ world });
    const slow = await scene.github.createRepository("acme/slow", {
      files: { [POLICY]: "enable = true\n", [jobPath("build")]: jobFile("build") },
    });
    const first = await scene.github.head(slow);
    await until(() => held > 0);
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, done);
    expect(scene.checks(first)).toEqual({});
    free.resolve();
    // Its first commit is its owner's, who is an organisation.
    await scene.shows(first, done);
  });
});

describe("webhooks", () => {
  test("that are doubled, late and out of order lead to the same", async () => {
    await using scene = await aScene();
    let n = 0;
    scene.github.deliveries.treat = () => (++n % 2 === 0 ? "double" : { delay: 30 });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, done);
    await scene.github.deliveries.idle();
    for (const delivery of scene.github.deliveries.of("check_suite")) await scene.github.deliveries.redeliver(delivery);
    await until(() => scene.wollongong.wo.db.query("SELECT 1 FROM delivery WHERE ack IS NULL").get() === null);
    await expectOnce(scene, sha);
  });
});

describe("Wollongong", () => {
  test("that is restarted at any point goes on", async () => {
    await using scene = await aScene();
    const free = Promise.withResolvers<void>();
    scene.machines.deeds.set("build", async (machine) => {
      await machine.print("working");
      await free.promise;
      expect(await machine.given("GITHUB_TOKEN")).toMatch(/^ghs_/);
      await machine.complete();
    });
    const sha = await scene.push({ "a.txt": "1" });
    for (const wanted of ["queued", "in_progress"]) {
      await until(() => ["queued", "in_progress"].includes(scene.checks(sha)["build"] ?? ""));
      await scene.restart();
      if (wanted === "in_progress") await scene.shows(sha, { "*control": "success", build: "in_progress" });
    }
    free.resolve();
    await scene.shows(sha, done);
    await expectOnce(scene, sha);
  });

  test("that is down misses nothing of a job that ends meanwhile", async () => {
    await using scene = await aScene();
    const free = Promise.withResolvers<void>();
    scene.machines.deeds.set("build", async (machine) => {
      await free.promise;
      await machine.print("the last words");
      await machine.complete();
    });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "in_progress" });
    const stopped = scene.wollongong.stop();
    free.resolve();
    await stopped;
    await until(async () => (await scene.core.admin.call("admin_jobs_get", { query: { completed: 1 } })).length === 1);
    await scene.restart();
    await scene.shows(sha, done);
    expect(scene.text(sha, "build")).toContain("| the last words");
    await expectOnce(scene, sha);
  });
});

describe("the installation", () => {
  test("that is suspended stops the work, and it goes on afterwards", async () => {
    await using scene = await aScene();
    const [install] = scene.github.hub.state.installations.values();
    if (!install) throw new Error("there is no installation");
    scene.github.deliveries.treat = ({ event }) => (event === "check_suite" ? "hold" : "send");
    const sha = await scene.push({ "a.txt": "1" });
    scene.github.suspendApp(install);
    await scene.github.deliveries.idle();
    await until(() => scene.wollongong.wo.db.query("SELECT 1 FROM install WHERE state = 'suspended'").get() !== null);
    scene.github.unsuspendApp(install);
    scene.github.deliveries.treat = () => "send";
    await scene.github.deliveries.release();
    await scene.shows(sha, done);
  });

  test("that nobody told of is learnt from GitHub within the hour", async () => {
    const world = manualWorld(Date.now());
    await using scene = await aScene({ world });
    const installed = () =>
      scene.wollongong.wo.db.query<{ login: string }, []>("SELECT login FROM install JOIN user ON user.id = owner").all();
    await until(() => installed().length === 1);
    scene.github.deliveries.treat = () => "drop";
    scene.github.installApp(scene.github.createUser("carol"));
    await world.advance(3600_000);
    await until(() => installed().length === 2);
    expect(
      installed()
        .map(({ login }) => login)
        .toSorted(),
    ).toEqual(["acme", "carol"]);
  });
});

test("a part of the server that cannot go on takes the server down", async () => {
  await using scene = await aScene();
  const { wo, url, failed } = scene.wollongong;
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ ok: true });
  wo.db.run("ALTER TABLE delivery RENAME TO gone");
  wo.bells.ring("delivery");
  await expect(failed).rejects.toThrow("delivery");
});

describe("the core", () => {
  test("that has ended a job before it hears of its cancelling is right", async () => {
    const ended = Promise.withResolvers<void>();
    const real = realWorld();
    let asked = 0;
    const world = {
      ...real,
      async fetch(...[url, init]: Parameters<typeof real.fetch>) {
        if (url.endsWith("/cancel")) {
          asked++;
          await ended.promise;
        }
        return await real.fetch(url, init);
      },
    };
    await using scene = await aScene({ world });
    scene.machines.deeds.set("build", async (machine) => {
      await machine.print("working");
      await until(() => asked > 0);
      await machine.complete();
      ended.resolve();
    });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "in_progress" });
    const run = scene.github.checkRun(sha, "build");
    if (run) scene.github.requestAction(run, "cancel", "ann");
    await scene.shows(sha, done);
  });

  test("that refuses a job says why on the run", async () => {
    await using scene = await aScene({ jobs: { build: jobFile("build", 'target = "nowhere"') } });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "failure" });
    expect(scene.text(sha, "build")).toContain("nowhere");
  });
});
