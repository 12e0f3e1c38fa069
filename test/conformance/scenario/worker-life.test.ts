import { expect, test } from "bun:test";
import { Scene } from "./scene.ts";

const MINUTE = 60_000;

/** Time passes while the agent says that it is there. */
async function withPings(scene: Scene, worker: { call(name: "worker_ping"): Promise<unknown> }, minutes: number): Promise<void> {
  for (let passed = 0; passed < minutes; passed += 5) {
    await worker.call("worker_ping");
    await scene.world.advance(Math.min(5, minutes - passed) * MINUTE);
  }
}

test("a machine whose agent is not heard of within 30 minutes is recycled", async () => {
  await using scene = await Scene.open();
  const { id } = await scene.machine();
  await scene.world.advance(30 * MINUTE);
  expect(await scene.seen(id)).toMatchObject({ recycle: false, online: false });
  await scene.world.advance(2 * MINUTE);
  expect(await scene.seen(id)).toMatchObject({ recycle: true, online: false });
});

test("a machine that has no job for 30 minutes is recycled, counted from when its agent came", async () => {
  await using scene = await Scene.open();
  const { id, bootstrap } = await scene.machine();
  await scene.world.advance(29 * MINUTE);
  await scene.boot(id, bootstrap);
  const agent = scene.nobody(`agent-token-${id}`);
  await withPings(scene, agent, 30);
  expect(await scene.seen(id)).toMatchObject({ recycle: false, online: true });
  await withPings(scene, agent, 2);
  expect(await scene.seen(id)).toMatchObject({ recycle: true });
  expect(await agent.call("worker_ping")).toMatchObject({ poweroff: true });
});

test("an agent that is silent for 10 minutes loses its machine, and its job fails where nothing else was asked for", async () => {
  await using scene = await Scene.open();
  const job = await scene.submit();
  const { id } = await scene.worker(job);
  await scene.world.advance(10 * MINUTE);
  expect(await scene.state(job)).toBe("running");
  await scene.world.advance(2 * MINUTE);
  expect(await scene.seen(id)).toMatchObject({ recycle: true, hold: false });
  const { state, attempts } = await scene.job(job);
  expect({ state, reason: attempts?.[0]?.reason }).toEqual({
    state: "failed",
    reason: expect.stringContaining("has said nothing for more than 10 m 0 s"),
  });
  expect((await scene.log(job)).at(-1)).toContain("it was at task 0");
});

test("an agent that is not silent keeps its job; at the longest that a job may run, that one fails", async () => {
  await using scene = await Scene.open({ job: { max_runtime: 20 * 60 } });
  const job = await scene.submit();
  const worker = await scene.worker(job);
  await withPings(scene, worker, 20);
  expect(await scene.state(job)).toBe("running");
  await withPings(scene, worker, 2);
  const { state, attempts } = await scene.job(job);
  expect({ state, reason: attempts?.[0]?.reason }).toEqual({
    state: "failed",
    reason: expect.stringContaining("longer than the limit of 20 m 0 s"),
  });
  expect(await worker.call("worker_ping")).toMatchObject({ poweroff: true });
});

test("none of these limits holds for a machine that is held, whose job goes on", async () => {
  await using scene = await Scene.open();
  const job = await scene.submit();
  const [busy, idle, { id: made }] = [await scene.worker(job), await scene.worker(), await scene.machine()];
  for (const worker of [busy.id, idle.id, made])
    await scene.admin.call("worker_hold_mark", { path: { worker }, body: { reason: "to look at it" } });
  await scene.world.advance(35 * MINUTE);
  const workers = await scene.factory.call("factory_workers");
  expect(workers.map(({ recycle, hold }) => ({ recycle, hold }))).toEqual(Array(3).fill({ recycle: false, hold: true }));
  await scene.finish(busy, job);
  expect(await scene.state(job)).toBe("completed");
});
