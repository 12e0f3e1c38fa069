import { expect, test } from "bun:test";
import { Scene } from "./scene.ts";

test("an agent is let in once its machine is named, again with the same token, and never with another", async () => {
  await using scene = await Scene.open();
  const { id, bootstrap } = await scene.machine();
  const enter = (token: string, key = bootstrap) =>
    scene.nobody().status("worker_bootstrap", { body: { bootstrap: key, token } });
  expect(await enter("the-agent-s-token")).toBe(401);
  await scene.factory.call("factory_worker_associate", { path: { worker: id }, body: { private: "machine" } });
  expect(await enter("the-agent-s-token")).toBe(201);
  expect(await enter("the-agent-s-token")).toBe(201);
  expect(await enter("another-s-token-0")).toBe(401);
  expect(await enter("the-agent-s-token", "a-key-of-nobody-s")).toBe(401);
  expect(await scene.nobody("another-s-token-0").status("worker_ping")).toBe(401);
  expect(await scene.nobody("the-agent-s-token").call("worker_ping")).toMatchObject({ poweroff: false, job: null });
});

test("an agent does not see its job before the factory has handed over what the machine said at its boot", async () => {
  await using scene = await Scene.open();
  const job = await scene.submit();
  const worker = await scene.worker(job, { wait_for_flush: true });
  const path = { worker: worker.id };
  expect(await scene.state(job)).toBe("running");
  expect((await worker.call("worker_ping")).job).toBeNull();
  const body = { stream: "console", time: "2026-01-02T03:04:05Z", payload: "login:" };
  expect(await scene.factory.call("factory_worker_append", { path, body })).toEqual({ retry: false });
  for (const _ of ["once", "again"]) await scene.factory.call("factory_worker_flush", { path });
  expect((await worker.call("worker_ping")).job).toMatchObject({ id: job, tasks: [{ id: 0, uid: 0, gid: 0, workdir: "/" }] });
  expect((await scene.log(job)).at(-1)).toBe("login:");
});

test("an agent is told to power off after its job, which it goes on seeing, but not while it is held or diagnosed", async () => {
  await using scene = await Scene.open();
  const { world, admin } = scene;
  const job = await scene.submit();
  const worker = await scene.worker(job);
  const path = { worker: worker.id };
  const next = async () => {
    await world.advance(1_000);
    const { poweroff, job: its } = await worker.call("worker_ping");
    return { poweroff, job: its?.id, recycle: (await scene.seen(worker.id))?.recycle };
  };
  await worker.call("worker_diagnostics_enable");
  await scene.finish(worker, job);
  expect(await next()).toEqual({ poweroff: false, job, recycle: false });
  await admin.call("worker_hold_mark", { path, body: { reason: "to look at it" } });
  await worker.call("worker_diagnostics_complete", { body: { hold: false } });
  expect(await next()).toEqual({ poweroff: false, job, recycle: false });
  await admin.call("worker_hold_release", { path });
  expect(await next()).toEqual({ poweroff: true, job, recycle: true });
});

test("a fault that diagnostics find holds the machine; an operator's recycling waits for the end of the hold", async () => {
  await using scene = await Scene.open();
  const job = await scene.submit();
  const worker = await scene.worker(job);
  const path = { worker: worker.id };
  for (const _ of ["once", "again"]) await worker.call("worker_diagnostics_enable");
  await scene.finish(worker, job);
  await worker.call("worker_diagnostics_complete", { body: { hold: true } });
  await scene.admin.call("worker_recycle", { path });
  await scene.world.advance(1_000);
  expect(await scene.seen(worker.id)).toMatchObject({ hold: true, recycle: false });
  expect((await worker.call("worker_ping")).poweroff).toBe(false);
  await scene.admin.call("worker_hold_release", { path });
  expect(await scene.seen(worker.id)).toMatchObject({ hold: false, recycle: true });
  const events = await scene.admin.call("worker_events_get", { path });
  expect(events.map(({ payload }) => payload)).toContain("marked held: post-job diagnostics reported a fault");
});
