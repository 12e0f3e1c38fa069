import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { manualWorld } from "../../test/fixture/manual-world.ts";
import { CallFailed } from "../client/failure.ts";
import { aFactory, aJob, aWorker, type TestServer, testServer } from "../fixture.ts";

const statusOf = async (call: Promise<unknown>) =>
  await call.then(
    () => "ok",
    (error: unknown) => (error instanceof CallFailed ? error.status : error),
  );

describe("bootstrap", () => {
  test("waits for the machine's name, takes a token once, and may be repeated", async () => {
    await using server = await testServer();
    const { client, target } = await aFactory(server);
    const worker = await client.call("factory_worker_create", { body: { target } });
    const agent = server.client("none");
    const bootstrap = (token: string, key = worker.bootstrap) =>
      statusOf(agent.call("worker_bootstrap", { body: { bootstrap: key, token } }));
    expect(await bootstrap("a-token-of-the-agent")).toBe(401);
    await client.call("factory_worker_associate", { path: { worker: worker.id }, body: { private: "m1" } });
    expect(await bootstrap("a-token-of-the-agent")).toBe("ok");
    expect(await bootstrap("a-token-of-the-agent")).toBe("ok");
    expect(await bootstrap("another-token-of-one")).toBe(401);
    expect(await bootstrap("a-token-of-the-agent", "unknown")).toBe(401);
    expect(await client.call("factory_workers", {})).toMatchObject([{ id: worker.id, online: true, bootstrap: "" }]);
  });

  test("refuses a token that another agent has", async () => {
    await using server = await testServer();
    const factory = await aFactory(server);
    const { token } = await aWorker(server, factory);
    const { id, bootstrap } = await factory.client.call("factory_worker_create", { body: { target: factory.target } });
    await factory.client.call("factory_worker_associate", { path: { worker: id }, body: { private: "m2" } });
    expect(await statusOf(server.client("none").call("worker_bootstrap", { body: { bootstrap, token } }))).toBe(401);
    expect(await server.admin.call("worker", { path: { worker: id } })).toMatchObject({ bootstrap: false });
  });

  test("no token is kept in clear", async () => {
    await using server = await testServer();
    const factory = await aFactory(server);
    const alice = await server.user("alice");
    const { token } = await aWorker(server, factory);
    server.core.db.run("PRAGMA wal_checkpoint(TRUNCATE)");
    const bytes = await Bun.file(`${server.data}/core.sqlite`).bytes();
    for (const secret of [alice.token, token]) expect(Buffer.from(bytes).includes(secret)).toBe(false);
  });
});

describe("association", () => {
  test("name and metadata are written once", async () => {
    await using server = await testServer();
    const { client, target } = await aFactory(server);
    const { id } = await client.call("factory_worker_create", { body: { target } });
    const associate = (body: object) =>
      statusOf(client.call("factory_worker_associate", { path: { worker: id }, body: { private: "m1", ...body } }));
    expect(await associate({ ip: "10.0.0.1", details: { isolation: "none" } })).toBe("ok");
    expect(await associate({ metadata: { v: "1" } })).toBe("ok");
    expect(await associate({ metadata: { v: "1", addresses: [] }, ip: "10.0.0.2" })).toBe("ok");
    expect(await associate({ metadata: { v: "1", dump_to_rpool: 5 } })).toBe(409);
    expect(await associate({ private: "m2" })).toBe(409);
    const worker = await server.admin.call("worker", { path: { worker: id } });
    expect(worker).toMatchObject({ factory_ip: "10.0.0.2", factory_private: "m1", details: { isolation: "none" } });
  });

  test("another factory's worker is refused", async () => {
    await using server = await testServer();
    const mine = await aFactory(server, "mine");
    const theirs = await aFactory(server, "theirs");
    const { id } = await mine.client.call("factory_worker_create", { body: { target: mine.target } });
    expect(await statusOf(theirs.client.call("factory_worker_destroy", { path: { worker: id } }))).toBe(403);
    expect(await theirs.client.call("factory_workers", {})).toEqual([]);
  });
});

describe("pings", () => {
  test("a long poll answers the moment there is a job", async () => {
    await using server = await testServer();
    const factory = await aFactory(server);
    const alice = await server.user("alice");
    const worker = await aWorker(server, factory);
    const { answer, version } = await worker.client.poll("worker_ping", {}, { wait: 30 });
    expect(answer.job).toBeNull();
    const next = worker.client.poll("worker_ping", {}, { wait: 30, seen: version });
    const { id } = await alice.client.call("job_submit", { body: aJob() });
    expect((await next).answer.job?.id).toBe(id);
  });

  test("the job is withheld until the factory has flushed", async () => {
    await using server = await testServer();
    const { client, target } = await aFactory(server);
    const alice = await server.user("alice");
    const { id: job } = await alice.client.call("job_submit", { body: aJob() });
    const { id, bootstrap } = await client.call("factory_worker_create", { body: { target, job, wait_for_flush: true } });
    await client.call("factory_worker_associate", { path: { worker: id }, body: { private: "m1" } });
    const agent = server.client("a-token-of-the-agent");
    await agent.call("worker_bootstrap", { body: { bootstrap, token: "a-token-of-the-agent" } });
    expect((await agent.call("worker_ping", {})).job).toBeNull();
    await client.call("factory_worker_flush", { path: { worker: id } });
    expect((await agent.call("worker_ping", {})).job?.id).toBe(job);
  });

  test("a secret that appears is named", async () => {
    await using server = await testServer();
    const factory = await aFactory(server);
    const alice = await server.user("alice");
    const { id: job } = await alice.client.call("job_submit", { body: aJob() });
    const worker = await aWorker(server, factory, job);
    const { version } = await worker.client.poll("worker_ping", {}, { wait: 30 });
    const next = worker.client.poll("worker_ping", {}, { wait: 30, seen: version });
    await alice.client.call("job_store_put", { path: { job, name: "key" }, body: { value: "hush-hush", secret: true } });
    expect((await next).answer.job?.secrets).toEqual(["key"]);
    expect(await worker.client.call("worker_job_store_get", { path: { job, name: "key" } })).toMatchObject({
      value: { value: "hush-hush", secret: true },
    });
    expect(await alice.client.call("job_store_get_all", { path: { job } })).toMatchObject({ key: { value: null, secret: true } });
  });
});

describe("limits of a worker's life", () => {
  const minutes = (n: number) => n * 60_000;

  async function timed() {
    const world = manualWorld();
    const server = await testServer({ schedule: { safety_net: 60 } }, world);
    const factory = await aFactory(server);
    return { world, server, factory, alice: await server.user("alice") };
  }

  const worker = (server: TestServer, id: string) => server.admin.call("worker", { path: { worker: id } });

  test("a machine whose agent is never heard of is recycled after 30 minutes, and its job fails", async () => {
    const { world, server, factory, alice } = await timed();
    await using _ = server;
    const { id: job } = await alice.client.call("job_submit", { body: aJob() });
    const { id } = await factory.client.call("factory_worker_create", { body: { target: factory.target, job } });
    await world.advance(minutes(29));
    expect(await worker(server, id)).toMatchObject({ recycle: false });
    await world.advance(minutes(2));
    expect(await worker(server, id)).toMatchObject({ recycle: true });
    const { attempts, state } = await alice.client.call("job_get", { path: { job } });
    expect(state).toBe("failed");
    expect(attempts?.[0]?.reason).toContain("was not heard of within 30 m 0 s");
  });

  test("one that has waited for a job for 30 minutes is recycled, counted from when it came online", async () => {
    const { world, server, factory } = await timed();
    await using _ = server;
    const { id, client } = await aWorker(server, factory);
    for (let i = 0; i < 6; i++) {
      await world.advance(minutes(5));
      await client.call("worker_ping", {});
    }
    expect(await worker(server, id)).toMatchObject({ recycle: false });
    await world.advance(minutes(1));
    expect(await worker(server, id)).toMatchObject({ recycle: true });
  });

  test("one that only polls now and then is given up after 10 minutes of silence", async () => {
    const { world, server, factory, alice } = await timed();
    await using _ = server;
    const { id: job } = await alice.client.call("job_submit", { body: aJob() });
    const { id } = await aWorker(server, factory, job);
    await world.advance(minutes(9));
    expect(await worker(server, id)).toMatchObject({ recycle: false });
    await world.advance(minutes(2));
    expect(await worker(server, id)).toMatchObject({ recycle: true });
    expect((await alice.client.call("job_get", { path: { job } })).attempts?.[0]?.reason).toContain(
      "said nothing for more than 10 m 0 s",
    );
  });

  test("one that keeps a ping open is given up seconds after the last one closed, also if that was its first", async () => {
    const { world, server, factory, alice } = await timed();
    await using _ = server;
    const { id: job } = await alice.client.call("job_submit", { body: aJob() });
    const { id, client } = await aWorker(server, factory, job);
    await client.poll("worker_ping", {}, { wait: 1 });
    await world.advance(minutes(0.5));
    expect(await worker(server, id)).toMatchObject({ recycle: false });
    await world.advance(minutes(2));
    expect(await worker(server, id)).toMatchObject({ recycle: true });
  });

  test("a job that runs for too long fails, naming the limit", async () => {
    const world = manualWorld();
    await using server = await testServer({ job: { max_runtime: 3600 }, schedule: { safety_net: 60 } }, world);
    const factory = await aFactory(server);
    const alice = await server.user("alice");
    const { id: job } = await alice.client.call("job_submit", { body: aJob() });
    const { client } = await aWorker(server, factory, job);
    for (let i = 0; i < 13; i++) {
      await client.call("worker_ping", {});
      await world.advance(minutes(5));
    }
    const { attempts } = await alice.client.call("job_get", { path: { job } });
    expect(attempts?.[0]?.reason).toContain("longer than the limit of 1 h 0 m 0 s (max_runtime)");
    expect(await client.call("worker_ping", {})).toMatchObject({ poweroff: true });
  });

  test("a held worker is left alone, and a hold ends by itself", async () => {
    const world = manualWorld();
    await using server = await testServer({ schedule: { hold_limit: 7200, safety_net: 60 } }, world);
    const factory = await aFactory(server);
    const { id, client } = await aWorker(server, factory);
    await server.admin.call("worker_hold_mark", { path: { worker: id }, body: { reason: "for a look" } });
    await server.admin.call("worker_recycle", { path: { worker: id } });
    await world.advance(minutes(60));
    expect(await client.call("worker_ping", {})).toMatchObject({ poweroff: false });
    expect(await factory.client.call("factory_workers", {})).toMatchObject([{ hold: true, recycle: false }]);
    await world.advance(minutes(61));
    expect(await factory.client.call("factory_workers", {})).toMatchObject([{ hold: false, recycle: true }]);
    const events = await server.admin.call("worker_events_get", { path: { worker: id } });
    expect(events.map((event) => event.payload)).toContain("hold released: held for 2 h 0 m 0 s");
  });
});

describe("diagnostics", () => {
  test("keep the machine until they are done, and hold it when they found something", async () => {
    await using server = await testServer();
    const factory = await aFactory(server);
    const alice = await server.user("alice");
    const { id: job } = await alice.client.call("job_submit", { body: aJob() });
    const { id, client } = await aWorker(server, factory, job);
    await client.call("worker_diagnostics_enable", {});
    await client.call("worker_job_complete", { path: { job }, body: { failed: true } });
    expect(await client.call("worker_ping", {})).toMatchObject({ poweroff: false });
    await client.call("worker_diagnostics_complete", { body: { hold: true } });
    expect(await server.admin.call("worker", { path: { worker: id } })).toMatchObject({
      diagnostics: false,
      hold: { reason: "post-job diagnostics reported a fault" },
    });
  });
});

describe("a machine that has promised diagnostics goes all the same", () => {
  async function examined() {
    const world = manualWorld();
    const server = await testServer({ job: { max_runtime: 3600 }, schedule: { safety_net: 60 } }, world);
    const factory = await aFactory(server);
    const alice = await server.user("alice");
    const { id: job } = await alice.client.call("job_submit", { body: aJob() });
    const { id, client } = await aWorker(server, factory, job);
    await client.call("worker_diagnostics_enable", {});
    await client.call("worker_job_complete", { path: { job }, body: { failed: false } });
    const isKept = async () => !(await server.admin.call("worker", { path: { worker: id } })).recycle;
    const said = async () =>
      (await server.admin.call("worker_events_get", { path: { worker: id } })).map(({ payload }) => payload);
    return { world, server, client, isKept, said };
  }

  test("once its agent is silent", async () => {
    const { world, server, isKept, said } = await examined();
    await using _ = server;
    await world.advance(9 * 60_000);
    expect(await isKept()).toBeTrue();
    await world.advance(2 * 60_000);
    expect(await isKept()).toBeFalse();
    expect(await said()).toContain("given up: its agent has said nothing for more than 10 m 0 s");
  });

  test("once they take longer than a job may", async () => {
    const { world, server, client, isKept, said } = await examined();
    await using _ = server;
    for (let i = 0; i < 13; i++) {
      expect(await isKept()).toBeTrue();
      await client.call("worker_ping", {});
      await world.advance(5 * 60_000);
    }
    expect(await isKept()).toBeFalse();
    expect(await said()).toContain("its diagnostics have not ended within 1 h 0 m 0 s");
  });
});

test("a worker that reports a failure fails its job and is recycled, also when it is held", async () => {
  await using server = await testServer();
  const factory = await aFactory(server);
  const alice = await server.user("alice");
  const { id: job } = await alice.client.call("job_submit", { body: aJob() });
  const { id, client } = await aWorker(server, factory, job);
  await server.admin.call("worker_hold_mark", { path: { worker: id }, body: { reason: "for a look" } });
  await client.call("worker_fail", { body: { reason: "the disk is on fire" } });
  expect(await alice.client.call("job_get", { path: { job } })).toMatchObject({ state: "failed" });
  await server.admin.call("worker_hold_release", { path: { worker: id } });
  expect(await client.call("worker_ping", {})).toMatchObject({ poweroff: true });
});

test("the reason of a failure is cut where it would fill the database", async () => {
  await using server = await testServer();
  const factory = await aFactory(server);
  const alice = await server.user("alice");
  const { id: job } = await alice.client.call("job_submit", { body: aJob() });
  const { client } = await aWorker(server, factory, job);
  await client.call("worker_fail", { body: { reason: `no disk ${"x".repeat(100_000)}` } });
  const { attempts } = await alice.client.call("job_get", { path: { job } });
  expect(attempts?.[0]?.reason).toContain("no disk xxx");
  expect(attempts?.[0]?.reason?.length).toBeLessThan(5_000);
});

test("a worker that is destroyed leaves no count of its sentences behind", async () => {
  await using server = await testServer();
  const factory = await aFactory(server);
  const worker = await aWorker(server, factory);
  await server.admin.call("worker_hold_mark", { path: { worker: worker.id }, body: { reason: "a look" } });
  const counted = () => server.core.db.query("SELECT log FROM outbox_count").all();
  expect(counted()).toEqual([{ log: worker.id }]);
  await factory.client.call("factory_worker_destroy", { path: { worker: worker.id } });
  expect(counted()).toEqual([]);
  await server.admin.call("worker_hold_release", { path: { worker: worker.id } });
  expect(counted()).toEqual([]);
});

test("the own logs of machines go when they are old, in the order of the machines, across restarts", async () => {
  const world = manualWorld();
  const minute = 60_000;
  const schedule = { worker_log_retention: 60 * 60, safety_net: 3600 };
  const first = await testServer({ schedule }, world);
  const factory = await aFactory(first);
  const destroyed = async (id: string) => await factory.client.call("factory_worker_destroy", { path: { worker: id } });
  const [one, held, other] = [await aWorker(first, factory), await aWorker(first, factory), await aWorker(first, factory)];
  await first.admin.call("worker_hold_mark", { path: { worker: held.id }, body: { reason: "a look" } });
  for (const { id } of [one, other]) await destroyed(id);
  const left = () => [one, held, other].filter(({ id }) => existsSync(first.core.logs.path(id))).map(({ id }) => id);
  await world.advance(50 * minute);
  expect(left()).toHaveLength(3);
  await using server = await first.restart();
  await world.advance(30 * minute);
  expect(left()).toEqual([held.id, other.id]);
  expect(await server.admin.call("worker", { path: { worker: one.id } })).toMatchObject({ id: one.id });
  const again = server.client(factory.token);
  await again.call("factory_worker_destroy", { path: { worker: held.id } });
  await world.advance(15 * minute);
  expect(left()).toEqual([]);
});
