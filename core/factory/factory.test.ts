import { describe, expect, test } from "bun:test";
import { manualWorld } from "../../test/fixture/manual-world.ts";
import { CallFailed } from "../client/failure.ts";
import { aFactory, aJob, aWorker, testServer } from "../fixture.ts";

const statusOf = async (call: Promise<unknown>) =>
  await call.then(
    () => "ok",
    (error: unknown) => (error instanceof CallFailed ? error.status : error),
  );

describe("leases", () => {
  async function withJob() {
    const world = manualWorld();
    const server = await testServer({}, world);
    const factory = await aFactory(server);
    const alice = await server.user("alice");
    const { id: job } = await alice.client.call("job_submit", { body: aJob() });
    const lease = async (client = factory.client, targets = [factory.target]) =>
      (await client.call("factory_lease", { body: { supported_targets: targets } })).lease?.job ?? null;
    return { world, server, factory, alice, job, lease };
  }

  test("one factory gets the job, until its lease ends", async () => {
    const { world, server, factory, job, lease } = await withJob();
    await using _ = server;
    const other = await aFactory(server, "other");
    expect(await lease()).toBe(job);
    expect(await lease()).toBeNull();
    expect(await lease(other.client)).toBeNull();
    expect(await other.client.call("factory_lease_renew", { path: { job } })).toBe(false);
    await world.advance(50_000);
    expect(await factory.client.call("factory_lease_renew", { path: { job } })).toBe(true);
    await world.advance(50_000);
    expect(await lease(other.client)).toBeNull();
    await world.advance(20_000);
    expect(await lease(other.client)).toBe(job);
  });

  test.each<[string, (arg: Awaited<ReturnType<typeof withJob>>) => Promise<unknown>]>([
    ["a disabled factory", ({ server, factory }) => server.admin.call("factory_disable", { path: { factory: factory.id } })],
    ["a general hold", ({ server }) => server.admin.call("control_hold", {})],
    ["a cancelled job", ({ alice, job }) => alice.client.call("job_cancel", { path: { job } })],
  ])("%s gives none", async (_name, prepare) => {
    const context = await withJob();
    await using _ = context.server;
    await prepare(context);
    expect(await context.lease()).toBeNull();
  });

  test("of targets with priorities, the highest that has a job comes first, then the oldest job", async () => {
    const { server, factory, alice, job: oldest } = await withJob();
    await using _ = server;
    const [high, higher] = await Promise.all(
      ["high", "higher"].map(async (name) => (await server.admin.call("target_create", { body: { name, desc: "" } })).id),
    );
    const submit = async (target: string) => (await alice.client.call("job_submit", { body: aJob({ target }) })).id;
    const jobs = [await submit("high"), await submit("default"), await submit("higher"), await submit("high")];
    const body = {
      supported_targets: [factory.target, high ?? "", higher ?? ""],
      priorities: { [high ?? ""]: 1, [higher ?? ""]: 2 },
    };
    const got: unknown[] = [];
    for (let left = 6; left > 0; left--) got.push((await factory.client.call("factory_lease", { body })).lease?.job);
    expect(got).toEqual([jobs[2], jobs[0], jobs[3], oldest, jobs[1], undefined]);
  });

  test("a priority that is no number is refused, whatever its target is called", async () => {
    const { server, factory } = await withJob();
    await using _ = server;
    for (const name of [factory.target, "default"]) {
      const answer = await fetch(`${server.url}/0/factory/lease`, {
        method: "POST",
        headers: { authorization: `Bearer ${factory.client.options.token}`, "content-type": "application/json" },
        body: JSON.stringify({ supported_targets: [factory.target], priorities: { [name]: {} } }),
      });
      expect([name, answer.status]).toEqual([name, 400]);
    }
  });

  test("a call whose answer was lost gets the same lease again", async () => {
    const { server, factory, job } = await withJob();
    await using _ = server;
    const lease = async (key: string) => {
      const headers = { authorization: `Bearer ${factory.client.options.token}`, "idempotency-key": key };
      const body = JSON.stringify({ supported_targets: [factory.target] });
      return await (await fetch(`${server.url}/0/factory/lease`, { method: "POST", headers, body })).json();
    };
    expect(await lease("one")).toMatchObject({ lease: { job } });
    expect(await lease("one")).toMatchObject({ lease: { job } });
    expect(await lease("two")).toEqual({ lease: null });
  });

  test("none is given for other targets", async () => {
    const { server, lease, factory } = await withJob();
    await using _ = server;
    const { id } = await server.admin.call("target_create", { body: { name: "other", desc: "" } });
    expect(await lease(factory.client, [id])).toBeNull();
  });

  test("leases and holds outlast a restart", async () => {
    const server = await testServer();
    const factory = await aFactory(server);
    const alice = await server.user("alice");
    await alice.client.call("job_submit", { body: aJob() });
    const { id: second } = await alice.client.call("job_submit", { body: aJob() });
    const ask = { body: { supported_targets: [factory.target] } };
    await factory.client.call("factory_lease", ask);
    await using again = await server.restart();
    const token = factory.client.options.token ?? "";
    expect((await again.client(token).call("factory_lease", ask)).lease?.job).toBe(second);
    await again.admin.call("control_hold", {});
    await using third = await again.restart();
    expect(await third.client(token).call("factory_lease", ask)).toEqual({ lease: null });
  });

  test("a long poll answers the moment there is a job", async () => {
    await using server = await testServer();
    const factory = await aFactory(server);
    const alice = await server.user("alice");
    const next = factory.client.poll("factory_lease", { body: { supported_targets: [factory.target] } }, { wait: 30 });
    const { id } = await alice.client.call("job_submit", { body: aJob() });
    expect((await next).answer.lease?.job).toBe(id);
  });
});

describe("workers", () => {
  test("a job can only be given to a worker while it is queued", async () => {
    await using server = await testServer();
    const factory = await aFactory(server);
    const alice = await server.user("alice");
    const create = (job: string) =>
      statusOf(factory.client.call("factory_worker_create", { body: { target: factory.target, job } }));
    const waiting = await alice.client.call("job_submit", { body: aJob({ inputs: ["a"] }) });
    const queued = await alice.client.call("job_submit", { body: aJob() });
    expect(await create(waiting.id)).toBe(409);
    expect(await create(queued.id)).toBe("ok");
    expect(await create(queued.id)).toBe(409);
    expect(await factory.client.call("factory_workers", {})).toHaveLength(1);
  });

  test("a waiting worker gets the oldest job of its target", async () => {
    await using server = await testServer();
    const factory = await aFactory(server);
    const alice = await server.user("alice");
    const jobs = [];
    for (let i = 0; i < 3; i++) jobs.push((await alice.client.call("job_submit", { body: aJob() })).id);
    const worker = await aWorker(server, factory);
    const { version, answer } = await worker.client.poll("worker_ping", {}, { wait: 5 });
    const job = answer.job ?? (await worker.client.poll("worker_ping", {}, { wait: 5, seen: version })).answer.job;
    expect(job?.id).toBe(jobs[0] ?? "");
  });

  test("a machine's console goes into its job's log, once and in order", async () => {
    await using server = await testServer();
    const factory = await aFactory(server);
    const alice = await server.user("alice");
    const time = new Date().toISOString();
    const idle = await factory.client.call("factory_worker_create", { body: { target: factory.target } });
    const append = (worker: string, first: number, ...payloads: string[]) => appendFor(undefined, worker, first, ...payloads);
    const appendFor = (job: string | undefined, worker: string, first: number, ...payloads: string[]) =>
      factory.client.call("factory_worker_append", {
        path: { worker },
        query: { first, ...(job ? { job } : {}) },
        body: payloads.map((payload) => ({ stream: "console", time, payload })),
      });
    expect(await append(idle.id, 1, "booting")).toEqual({ retry: true });
    const { id: job } = await alice.client.call("job_submit", { body: aJob() });
    const { id } = await factory.client.call("factory_worker_create", { body: { target: factory.target, job } });
    expect(await append(id, 1, "one", "two")).toEqual({ retry: false, next: 3 });
    expect(await append(id, 2, "two", "three")).toEqual({ retry: false, next: 4 });
    const log = await alice.client.call("job_events_get", { path: { job } });
    expect(log.filter((event) => event.stream === "console").map((event) => event.payload)).toEqual(["one", "two", "three"]);
    const { id: waiting } = await alice.client.call("job_submit", { body: aJob() });
    for (let i = 0; i < 2; i++)
      expect(await appendFor(waiting, idle.id, 1, "booting", "panic")).toEqual({ retry: false, next: 3 });
    const ofWaiting = await alice.client.call("job_events_get", { path: { job: waiting } });
    expect(ofWaiting.filter(({ stream }) => stream === "console").map(({ payload }) => payload)).toEqual(["booting", "panic"]);
    expect(await appendFor(job, idle.id, 3, "off")).toEqual({ retry: true });
  });

  test("last words after the job are kept with the worker", async () => {
    await using server = await testServer();
    const factory = await aFactory(server);
    const alice = await server.user("alice");
    const { id: job } = await alice.client.call("job_submit", { body: aJob() });
    const { id } = await aWorker(server, factory, job);
    await alice.client.call("job_cancel", { path: { job } });
    const body = { stream: "console", time: new Date().toISOString(), payload: "goodbye" };
    expect(await factory.client.call("factory_worker_append", { path: { worker: id }, body })).toEqual({ retry: false });
    const events = await server.admin.call("worker_events_get", { path: { worker: id } });
    expect(events.map((event) => event.payload)).toContain("goodbye");
  });
});
