import { describe, expect, test } from "bun:test";
import { CallFailed } from "../client/failure.ts";
import { aFactory, aJob, aWorker, testServer } from "../fixture.ts";

const statusOf = async (call: Promise<unknown>) =>
  await call.then(
    () => "ok",
    (error: unknown) => (error instanceof CallFailed ? error.status : error),
  );

async function withFactory() {
  const server = await testServer();
  const factory = await aFactory(server);
  const { client: alice } = await server.user("alice");
  const submit = async () => (await alice.call("job_submit", { body: aJob() })).id;
  const lease = async (client = factory.client) =>
    (await client.call("factory_lease", { body: { supported_targets: [factory.target] } })).lease?.job ?? null;
  const shown = async () => (await server.admin.call("factories_list", {})).find(({ id }) => id === factory.id);
  return { server, factory, alice, submit, lease, shown, path: { factory: factory.id } };
}

describe("a factory that is draining", () => {
  test("ends its jobs and takes nothing new, until it is enabled again", async () => {
    const { server, factory, alice, submit, lease, shown, path } = await withFactory();
    await using _ = server;
    const [running, leased] = [await submit(), await submit()];
    const busy = await aWorker(server, factory, running);
    expect(await lease()).toBe(leased);
    expect(await shown()).toMatchObject({ enable: true, state: "enabled", workers: 1, targets: [factory.target] });
    await server.admin.call("factory_drain", { path });
    expect(await shown()).toMatchObject({ enable: false, state: "draining", workers: 1 });
    expect(await factory.client.call("factory_ping", {})).toEqual({ ok: true, draining: true });
    expect(await lease()).toBeNull();
    expect(await factory.client.call("factory_lease_renew", { path: { job: leased } })).toBe(false);
    const other = await aFactory(server, "other");
    expect(await lease(other.client)).toBe(leased);
    expect(await statusOf(factory.client.call("factory_worker_create", { body: { target: factory.target } }))).toBe(409);
    await busy.client.call("worker_task_complete", { path: { job: running, task: 0 }, body: { failed: false } });
    await busy.client.call("worker_job_complete", { path: { job: running }, body: { failed: false } });
    expect(await alice.call("job_get", { path: { job: running } })).toMatchObject({ state: "completed" });
    await factory.client.call("factory_worker_destroy", { path: { worker: busy.id } });
    expect(await shown()).toMatchObject({ enable: false, state: "drained", workers: 0 });
    await server.admin.call("factory_enable", { path, body: {} });
    expect(await shown()).toMatchObject({ enable: true, state: "enabled" });
    expect(await factory.client.call("factory_ping", {})).toEqual({ ok: true });
    const next = await submit();
    expect(await lease()).toBe(next);
  });

  test("gives up machines that wait for a job, without their getting one", async () => {
    const { server, factory, alice, submit, path } = await withFactory();
    await using _ = server;
    const idle = await aWorker(server, factory);
    const heard = server.core.bells.version(`worker ${idle.id}`);
    await server.admin.call("factory_drain", { path });
    await server.core.bells.wait(`worker ${idle.id}`, heard, AbortSignal.timeout(10_000));
    const job = await submit();
    expect(await factory.client.call("factory_workers", { query: {} })).toMatchObject([{ id: idle.id, recycle: true }]);
    expect((await idle.client.call("worker_ping", { query: {} })).poweroff).toBe(true);
    expect(await alice.call("job_get", { path: { job } })).toMatchObject({ state: "queued" });
    const events = await server.admin.call("worker_events_get", { path: { worker: idle.id }, query: {} });
    expect(events.at(-1)?.payload).toBe("its factory is draining");
  });

  test("is disabled when it is told so: no drain any more", async () => {
    const { server, shown, path } = await withFactory();
    await using _ = server;
    await server.admin.call("factory_drain", { path });
    await server.admin.call("factory_disable", { path });
    expect(await shown()).toMatchObject({ enable: false, state: "disabled" });
    expect(await statusOf(server.admin.call("factory_drain", { path: { factory: "01HZZZZZZZZZZZZZZZZZZZZZZZ" } }))).toBe(404);
  });
});

test("a factory's new token ends the one before", async () => {
  const { server, factory, lease, path } = await withFactory();
  await using _ = server;
  const { token, name } = await server.admin.call("factory_token_rotate", { path });
  expect(name).toBe("box");
  expect(await statusOf(lease())).toBe(401);
  expect(await statusOf(lease(server.client(token)))).toBe("ok");
  const { client } = await server.user("bob", "admin.factory.read");
  expect(await statusOf(client.call("factory_token_rotate", { path: { factory: factory.id } }))).toBe(403);
});

test("a factory's workers are born held where it is enabled so, until it is enabled without", async () => {
  const { server, factory, submit, path } = await withFactory();
  await using _ = server;
  const create = async (job: string) =>
    (await factory.client.call("factory_worker_create", { body: { target: factory.target, job } })).hold;
  await server.admin.call("factory_enable", { path, body: { hold_workers: true } });
  expect(await create(await submit())).toBe(true);
  await server.admin.call("factory_enable", { path, body: {} });
  expect(await create(await submit())).toBe(false);
});

test("a job whose machine is born held is told so", async () => {
  await using server = await testServer();
  const factory = await aFactory(server);
  const alice = await server.user("alice");
  await server.admin.call("factory_enable", { path: { factory: factory.id }, body: { hold_workers: true } });
  const { id: job } = await alice.client.call("job_submit", { body: aJob() });
  const { id } = await aWorker(server, factory, job);
  const log = await alice.client.call("job_events_get", { path: { job } });
  expect(log.map(({ payload }) => payload)).toContain(
    `worker ${id} is held, and stays when the job has ended: factory box has its workers held`,
  );
});
