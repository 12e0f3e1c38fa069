import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { aJob } from "../../../core/fixture.ts";
import { slowly } from "../race/slow.ts";
import { bytes, Scene, UNKNOWN } from "./scene.ts";

// What the original is known to get wrong, and what this server does there.

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene[Symbol.asyncDispose]());

const line = { stream: "stdout", time: "2026-01-02T03:04:05Z", payload: "hello" };

async function running() {
  const job = await scene.submit();
  return { job, path: { job }, worker: await scene.worker(job) };
}

async function ended() {
  const all = await running();
  await scene.finish(all.worker, all.job);
  return all;
}

describe("a file", () => {
  test("that was not declared at the submission is refused, and the server goes on", async () => {
    const path = { job: await scene.submit({ inputs: ["a"] }) };
    const body = { name: "b", size: 0, chunks: [] };
    const commit = { ...body, commit_id: scene.world.id() };
    expect(await scene.alice.status("job_add_input", { path, body: commit })).toBe(409);
    expect(await scene.alice.status("job_add_input_at_once", { path, body })).toBe(409);
    expect(await scene.state(path.job)).toBe("waiting");
  });

  test("of a path that is taken, or of chunks that are none, is the caller's fault, also where it is made at once", async () => {
    const { path, worker } = await running();
    const { id } = await worker.call("worker_job_upload_chunk", { path, body: bytes("abc") });
    const add = (body: object) =>
      worker.ask("worker_job_add_output_at_once", { path, body: { path: "/work/a", size: 3, chunks: [id], ...body } });
    expect((await add({})).status).toBe(204);
    expect(await add({})).toMatchObject({ status: 400, json: { message: expect.stringContaining("/work/a already") } });
    expect(await add({ path: "/b", size: 4 })).toMatchObject({
      status: 400,
      json: { message: expect.stringContaining("4 bytes") },
    });
    expect((await add({ path: "/b", chunks: ["none"] })).status).toBe(400);
    expect((await add({ path: "/b", chunks: [UNKNOWN] })).status).toBe(400);
    const commit = { path: "/work/a", size: 3, chunks: [id], commit_id: scene.world.id() };
    expect(await worker.ask("worker_job_add_output", { path, body: commit, query: { wait: 10 } })).toMatchObject({
      status: 200,
      json: { complete: true, error: expect.stringContaining("/work/a already") },
    });
  });

  test("is not taken from a job that has ended, in whatever state that was", async () => {
    const job = await scene.submit({ inputs: ["a"] });
    await scene.alice.call("job_cancel", { path: { job } });
    const commit = { size: 0, chunks: [], commit_id: scene.world.id() };
    expect(await scene.alice.status("job_upload_chunk", { path: { job }, body: bytes("abc") })).toBe(409);
    expect(await scene.alice.status("job_add_input", { path: { job }, body: { ...commit, name: "a" } })).toBe(409);
    const { path, worker } = await ended();
    expect(await worker.status("worker_job_upload_chunk", { path, body: bytes("abc") })).toBe(409);
    expect(await worker.status("worker_job_add_output", { path, body: { ...commit, path: "/a" } })).toBe(409);
  });
});

test("no machine is attached to a job that waits, runs, has ended, is of another target or of nobody", async () => {
  const { id: target } = await scene.admin.call("target_create", { body: { name: "other", desc: "" } });
  const jobs = [
    await scene.submit({ inputs: ["a"] }),
    (await running()).job,
    (await ended()).job,
    await scene.submit({ target: "other" }),
  ];
  const before = await scene.factory.call("factory_workers");
  const attach = (job: string) => scene.factory.status("factory_worker_create", { body: { target: scene.target, job } });
  for (const job of jobs) expect(await attach(job)).toBe(409);
  expect(await attach(UNKNOWN)).toBe(404);
  expect(await scene.factory.status("factory_worker_create", { body: { target: UNKNOWN } })).toBe(404);
  expect(await scene.factory.call("factory_workers")).toEqual(before);
  expect(await scene.factory.status("factory_worker_create", { body: { target, job: jobs[3] } })).toBe(201);
});

describe("a task", () => {
  test("that the job does not have can neither be judged nor speak", async () => {
    const { job, worker } = await running();
    expect(await worker.status("worker_task_complete", { path: { job, task: 1 }, body: { failed: false } })).toBe(404);
    expect(await worker.status("worker_task_append", { path: { job, task: 1 }, body: line })).toBe(404);
    expect(await worker.status("worker_task_append", { path: { job, task: 0 }, body: line })).toBe(204);
    expect(await scene.log(job)).toHaveLength(2);
  });

  test("without a verdict fails its job, although the agent says that all is well", async () => {
    const { job, path, worker } = await running();
    await worker.call("worker_job_complete", { path, body: { failed: false } });
    expect(await scene.job(job)).toMatchObject({ state: "failed", tasks: [{ state: "failed" }] });
  });
});

test("the agent of a cancelled job may say that it went well: it stays cancelled, and nothing is asked of the agent again", async () => {
  const { job, path, worker } = await running();
  await scene.alice.call("job_cancel", { path });
  expect(await worker.status("worker_job_complete", { path, body: { failed: false } })).toBe(204);
  expect(await scene.job(job)).toMatchObject({ state: "failed", cancelled: true });
});

test.each([
  ["before its log is told", "job WHEN OLD.id"],
  ["when its log was told already", "attempt WHEN OLD.job"],
])(
  "what goes wrong with one job, %s, keeps no other from being looked at, and its log is not filled with it",
  async (_when, row) => {
    const { db } = scene.server.core;
    const job = await scene.submit();
    const depends = { lib: { prior_job: job, copy_outputs: false, on_completed: false, on_failed: true } };
    const [broken, fine] = [await scene.submit({ depends }), await scene.submit({ depends })];
    db.run(`CREATE TRIGGER break BEFORE UPDATE ON ${row} = '${broken}' BEGIN SELECT RAISE(ABORT, 'broken'); END`);
    await scene.finish(await scene.worker(job), job);
    await scene.world.advance(300_000);
    expect([await scene.state(broken), await scene.state(fine)]).toEqual(["waiting", "failed"]);
    expect(await scene.log(broken)).toEqual([]);
    db.run("DROP TRIGGER break");
    await scene.world.advance(60_000);
    expect([await scene.state(broken), await scene.log(broken)]).toEqual([
      "failed",
      [expect.stringContaining("should have failed")],
    ]);
  },
);

test("a job that is submitted late has a late id: whoever reads in pages misses none", async () => {
  const bob = await scene.user("bob");
  const submit = async (name: string) => (await bob.call("job_submit", { body: aJob({ name }) })).id;
  const body = JSON.stringify(aJob({ name: "begun before" }));
  const slow = await slowly(scene.server.url, { method: "POST", path: "/0/jobs", token: bob.token, body });
  const first = await submit("first");
  const page = await bob.call("jobs_list");
  expect(page.items.map(({ id }) => id)).toEqual([first]);
  const { id: late } = JSON.parse((await slow.finish()).text) as { id: string };
  const others = await Promise.all(Array.from({ length: 20 }, (_, i) => submit(`at once ${i}`)));
  const rest = await bob.call("jobs_list", { query: { page_token: page.next_page ?? "" } });
  expect(rest.items.map(({ id }) => id)).toEqual([late, ...others.toSorted()]);
});

describe("a call without the right", () => {
  test("an agent's limits are told to that agent alone", async () => {
    const { path, worker } = await running();
    const { worker: another } = await running();
    expect(await scene.nobody().status("worker_job_quota", { path })).toBe(401);
    expect(await another.status("worker_job_quota", { path })).toBe(403);
    expect(await worker.call("worker_job_quota", { path })).toMatchObject({ max_bytes_per_output: 1024 ** 3 });
  });

  test("to act for a user of no name, or of a name like an id, makes no user", async () => {
    const gate = await scene.user("gate", "delegate");
    const users = await scene.admin.call("users_list");
    for (const name of ["", "   ", UNKNOWN, "x".repeat(257), "\tö"]) {
      const headers = { "x-buildomat-delegate": name };
      expect(await gate.status("whoami", { headers })).toBe(400);
    }
    expect(await scene.admin.call("users_list")).toEqual(users);
  });
});

test("a name that is taken is a conflict, not a fault of the server's", async () => {
  for (const [name, body] of [
    ["user_create", { name: "alice" }],
    ["factory_create", { name: "box" }],
    ["target_create", { name: "default", desc: "" }],
  ] as const)
    expect(await scene.admin.ask(name, { body })).toMatchObject({
      status: 409,
      json: { message: expect.stringContaining("already") },
    });
});
