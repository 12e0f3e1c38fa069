import { expect, test } from "bun:test";
import { Scene } from "./scene.ts";

test("there is no lease for a disabled factory, nor while everything is held, and none of other targets", async () => {
  await using scene = await Scene.open();
  const { admin, factory } = scene;
  const job = await scene.submit();
  const path = { factory: factory.id };
  await admin.call("factory_disable", { path });
  expect(await scene.lease()).toBeNull();
  await admin.call("factory_enable", { path, body: {} });
  await admin.call("control_hold");
  expect(await scene.lease()).toBeNull();
  await admin.call("control_resume");
  const { id: other } = await admin.call("target_create", { body: { name: "other", desc: "" } });
  expect(await scene.lease(factory, [other])).toBeNull();
  expect(await scene.lease(factory, [])).toBeNull();
  expect(await scene.lease(factory, [other, scene.target])).toBe(job);
});

test("a lease is one factory's for 60 seconds, and longer where that one renews it", async () => {
  await using scene = await Scene.open();
  const { world, factory } = scene;
  const other = await scene.anotherFactory("other");
  const job = await scene.submit();
  const renew = (by = factory) => by.call("factory_lease_renew", { path: { job } });
  expect(await renew()).toBe(false);
  expect(await scene.lease()).toBe(job);
  expect([await scene.lease(), await scene.lease(other), await renew(other)]).toEqual([null, null, false]);
  await world.advance(59_000);
  expect([await scene.lease(other), await renew()]).toEqual([null, true]);
  await world.advance(59_000);
  expect(await scene.lease(other)).toBeNull();
  await world.advance(1_001);
  expect(await renew()).toBe(false);
  expect(await scene.lease(other)).toBe(job);
  expect([await renew(), await renew(other)]).toEqual([false, true]);
});

test("a lease ends with the need for a machine: when the job has one, or is cancelled", async () => {
  await using scene = await Scene.open();
  const { factory, alice } = scene;
  const renew = (job: string) => factory.call("factory_lease_renew", { path: { job } });
  const [first, second] = [await scene.submit(), await scene.submit()];
  expect([await scene.lease(), await scene.lease()]).toEqual([first, second]);
  await scene.worker(first);
  await alice.call("job_cancel", { path: { job: second } });
  await scene.world.advance(1_000);
  expect([await renew(first), await renew(second), await scene.lease()]).toEqual([false, false, null]);
});
