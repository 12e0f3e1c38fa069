import { describe, expect, test } from "bun:test";
import { stoppableWorld } from "../stop.ts";
import { Scene } from "./scene.ts";

const TIME = "2026-01-02T03:04:05Z";

test("a job ends once its files are committed, only once, and takes nothing afterwards", async () => {
  const { world, stopCommit } = stoppableWorld();
  await using scene = await Scene.open({}, world);
  const job = await scene.submit();
  const worker = await scene.worker(job);
  const path = { job };
  await worker.call("worker_task_complete", { path: { job, task: 0 }, body: { failed: false } });
  const stop = stopCommit();
  const commit = await scene.commit(worker, "output", job, "/work/a", "artefact");
  expect((await commit({}, {})).json).toEqual({ complete: false, error: null });
  const complete = (failed = false) => worker.ask("worker_job_complete", { path, body: { failed } });
  expect(await complete()).toMatchObject({ status: 409, json: { message: expect.stringContaining("1 of its files") } });
  expect(await scene.state(job)).toBe("running");
  stop.end();
  expect((await commit()).json).toEqual({ complete: true, error: null });
  expect((await complete()).status).toBe(204);
  expect((await complete(true)).status).toBe(204);
  expect(await scene.state(job)).toBe("completed");
  const line = { stream: "stdout", time: TIME, payload: "late" };
  expect(await worker.status("worker_job_append", { path, body: [line] })).toBe(409);
  expect(await worker.status("worker_job_append_one", { path, body: line })).toBe(409);
  expect(await worker.status("worker_task_append", { path: { job, task: 0 }, body: line })).toBe(409);
  expect(await worker.status("worker_task_complete", { path: { job, task: 0 }, body: { failed: true } })).toBe(409);
  const console = { path: { worker: worker.id }, body: line };
  expect(await scene.factory.call("factory_worker_append", console)).toEqual({ retry: false });
  expect(await scene.log(job)).not.toContain("late");
});

test("of a task, the first verdict counts, and a failed one fails the job whatever the agent says of it", async () => {
  await using scene = await Scene.open();
  const job = await scene.submit();
  const worker = await scene.worker(job);
  for (const failed of [true, false]) await worker.call("worker_task_complete", { path: { job, task: 0 }, body: { failed } });
  await worker.call("worker_job_complete", { path: { job }, body: { failed: false } });
  expect(await scene.job(job)).toMatchObject({ state: "failed", cancelled: false, tasks: [{ state: "failed" }] });
});

describe("a job that is cancelled", () => {
  test.each([
    ["waiting", { inputs: ["a"] }],
    ["queued", {}],
  ])("while it is %s fails, and no machine is made for it", async (state, changes) => {
    await using scene = await Scene.open();
    const job = await scene.submit(changes);
    expect(await scene.state(job)).toBe(state);
    for (const _ of ["once", "again"]) await scene.alice.call("job_cancel", { path: { job } });
    await scene.world.advance(1_000);
    expect(await scene.job(job)).toMatchObject({ state: "failed", cancelled: true, tasks: [{ state: "pending" }] });
    expect(await scene.lease()).toBeNull();
    expect((await scene.log(job)).filter((line) => line.startsWith("cancelled"))).toEqual(["cancelled by alice"]);
  });

  test("while it runs fails at once, and its machine goes", async () => {
    await using scene = await Scene.open();
    const job = await scene.submit();
    const worker = await scene.worker(job);
    await scene.alice.call("job_cancel", { path: { job } });
    await scene.world.advance(1_000);
    expect(await scene.job(job)).toMatchObject({ state: "failed", cancelled: true });
    expect(await scene.seen(worker.id)).toMatchObject({ recycle: true });
    expect(await worker.call("worker_ping")).toMatchObject({ poweroff: true, job: { id: job } });
    await scene.factory.call("factory_worker_destroy", { path: { worker: worker.id } });
    expect(await scene.seen(worker.id)).toBeNull();
    expect(await worker.status("worker_ping")).toBe(401);
  });

  test("after it has ended stays as it is", async () => {
    await using scene = await Scene.open();
    const job = await scene.submit();
    await scene.finish(await scene.worker(job), job);
    expect(await scene.alice.status("job_cancel", { path: { job } })).toBe(409);
    expect(await scene.job(job)).toMatchObject({ state: "completed", cancelled: false });
  });
});
