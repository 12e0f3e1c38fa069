import { describe, expect, test } from "bun:test";
import { Scene } from "../scenario/scene.ts";

async function twoFactories() {
  const scene = await Scene.open();
  return { scene, other: await scene.anotherFactory("other") };
}

const MINUTE = 60_000;

describe("of two factories", () => {
  test("that ask at the same time, one gets the job", async () => {
    const { scene, other } = await twoFactories();
    await using _ = scene;
    const job = await scene.submit();
    const leases = await Promise.all([scene.lease(), scene.lease(other), scene.lease(), scene.lease(other)]);
    expect(leases.filter((lease) => lease !== null)).toEqual([job]);
  });

  test("that wait for a job, one gets it, and the other the next", async () => {
    const { scene, other } = await twoFactories();
    await using _ = scene;
    const waiting = [scene.factory, other].map((factory) => scene.lease(factory, undefined, { wait: 60 }));
    const first = await scene.submit();
    expect(await Promise.race(waiting)).toBe(first);
    const second = await scene.submit();
    expect((await Promise.all(waiting)).toSorted()).toEqual([first, second]);
  });

  test("one keeps the job while its machine comes up, for as long as it renews", async () => {
    const { scene, other } = await twoFactories();
    await using _ = scene;
    const job = await scene.submit();
    expect(await scene.lease()).toBe(job);
    const { id, bootstrap } = await scene.machine();
    for (let i = 0; i < 4; i++) {
      await scene.world.advance(MINUTE / 2);
      expect(await scene.factory.call("factory_lease_renew", { path: { job } })).toBe(true);
      expect(await scene.lease(other)).toBeNull();
    }
    await scene.boot(id, bootstrap);
    await scene.world.advance(1_000);
    expect((await scene.job(job)).attempts).toMatchObject([{ worker: id }]);
    expect(await scene.factory.call("factory_lease_renew", { path: { job } })).toBe(false);
  });

  test("that both make a machine, as one forgot to renew, one gives it to the job, and the other's finds another or goes", async () => {
    const { scene, other } = await twoFactories();
    await using _ = scene;
    const job = await scene.submit();
    expect(await scene.lease()).toBe(job);
    const mine = await scene.machine();
    await scene.world.advance(MINUTE + 1);
    expect(await scene.lease(other)).toBe(job);
    const theirs = await scene.machine({}, other);
    await scene.boot(theirs.id, theirs.bootstrap, other);
    await scene.world.advance(1_000);
    await scene.boot(mine.id, mine.bootstrap);
    await scene.world.advance(1_000);
    expect((await scene.job(job)).attempts).toMatchObject([{ worker: theirs.id }]);
    await scene.world.advance(9 * MINUTE);
    const next = await scene.submit();
    await scene.world.advance(1_000);
    expect((await scene.job(next)).attempts).toMatchObject([{ worker: mine.id }]);
  });

  test("that name the same job for a machine, only the one with the lease has a machine", async () => {
    const { scene, other } = await twoFactories();
    await using _ = scene;
    const job = await scene.submit();
    expect(await scene.lease(other)).toBe(job);
    const create = (factory = scene.factory) => factory.status("factory_worker_create", { body: { target: scene.target, job } });
    expect(await create()).toBe(409);
    expect(await Promise.all([create(other), create(), create(other)])).toEqual([201, 409, 409]);
    expect(await scene.factory.call("factory_workers")).toEqual([]);
    expect(await other.call("factory_workers")).toHaveLength(1);
    expect((await scene.job(job)).attempts).toHaveLength(1);
  });
});

test("a factory that may take no work gives a machine only to what it had a lease for before", async () => {
  await using scene = await Scene.open();
  const { admin, factory } = scene;
  const [leased, queued] = [await scene.submit(), await scene.submit()];
  expect(await scene.lease()).toBe(leased);
  const create = (job: string) => factory.status("factory_worker_create", { body: { target: scene.target, job } });
  const path = { factory: factory.id };
  await admin.call("factory_disable", { path });
  expect(await create(queued)).toBe(409);
  await admin.call("factory_enable", { path, body: {} });
  await admin.call("control_hold");
  expect([await create(queued), await create(leased)]).toEqual([409, 201]);
  await admin.call("control_resume");
  expect(await create(queued)).toBe(201);
});
