import { expect, test } from "bun:test";
import { realWorld, type World } from "../../core/common/world.ts";
import { aScene, jobFile, type Scene, until } from "../scene.fixture.ts";

type Fault = "lost" | "cut" | number;

/** A world in which handing in a job fails as long as there are faults. */
function aWorldWith(faults: Fault[]): World {
  const real = realWorld();
  return {
    ...real,
    async fetch(input, init) {
      const request = new Request(input, init);
      const isSubmission = request.method === "POST" && new URL(request.url).pathname === "/0/jobs";
      const fault = isSubmission ? faults.shift() : undefined;
      if (fault === undefined) return await real.fetch(input, init);
      if (typeof fault === "number") return Response.json({ message: "not now" }, { status: fault });
      if (fault === "lost") await real.fetch(input, init);
      throw Object.assign(new Error("the connection broke"), { code: "ECONNRESET" });
    },
  };
}

async function jobsOf({ core: { admin } }: Scene) {
  const [active, completed] = await Promise.all([
    admin.call("admin_jobs_get", { query: { active: true } }),
    admin.call("admin_jobs_get", { query: { completed: 100 } }),
  ]);
  return [...active, ...completed];
}

test.each<[string, Fault[]]>([
  ["is not told what became of it", ["lost", "lost", "lost"]],
  ["finds its connection cut", ["cut", "cut"]],
  ["is told to come later", [429, 503]],
  ["is not let in for a while", [401, 403]],
])("whoever hands in a job and %s hands it in again, and there is one job", async (_, faults) => {
  const left = [...faults];
  await using scene = await aScene({ world: aWorldWith(left) });
  const sha = await scene.push({ "a.txt": "1" });
  await scene.shows(sha, { "*control": "success", build: "success" });
  expect(left).toEqual([]);
  expect(await jobsOf(scene)).toHaveLength(1);
  expect(scene.machines.ran).toEqual(["build"]);
});

test("what is cancelled before the core has it never becomes a job", async () => {
  const closed: Fault[] = Array(10_000).fill(401);
  const after = jobFile("after", "[dependencies.build]", 'job = "build"');
  await using scene = await aScene({ jobs: { build: jobFile("build"), after }, world: aWorldWith(closed) });
  const sha = await scene.push({ "a.txt": "1" });
  await scene.shows(sha, { "*control": "success", build: "queued", after: "queued" });
  const run = scene.github.checkRun(sha, "build");
  expect(run?.title).toBe("Waiting to submit");
  expect(run?.actions).toEqual([
    { identifier: "cancel", label: "Cancel this job", description: expect.any(String) },
    { identifier: "cancel_all", label: "Cancel all jobs", description: expect.any(String) },
  ]);
  if (run) scene.github.requestAction(run, "cancel_all", "ann");
  await scene.shows(sha, { "*control": "success", build: "queued", after: "cancelled" });
  closed.length = 0;
  await scene.shows(sha, { "*control": "success", build: "cancelled", after: "cancelled" });
  for (const name of ["build", "after"]) expect(scene.text(sha, name)).toContain("Cancelled by ann before it began.");
  expect(await jobsOf(scene)).toEqual([]);
});

test("a job that the core refuses fails what depends on it, which says so", async () => {
  const jobs = {
    build: jobFile("build", 'target = "nowhere"'),
    after: jobFile("after", "[dependencies.made]", 'job = "build"'),
    last: jobFile("last", "[dependencies.it]", 'job = "after"'),
  };
  await using scene = await aScene({ jobs });
  const sha = await scene.push({ "a.txt": "1" });
  await scene.shows(sha, { "*control": "success", build: "failure", after: "failure", last: "failure" });
  expect(scene.text(sha, "build")).toContain("nowhere");
  expect(scene.text(sha, "after")).toContain('Dependency "made" (`build`) ended before it started a job.');
  expect(scene.text(sha, "last")).toContain('Dependency "it" (`after`) ended before it started a job.');
  await until(() => scene.wollongong.wo.db.query("SELECT 1 FROM check_suite WHERE state = 'complete'").get() !== null);
  expect(await jobsOf(scene)).toEqual([]);
});
