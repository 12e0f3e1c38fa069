import { describe, expect, test } from "bun:test";
import { CallFailed } from "../client/failure.ts";
import { aFactory, aJob, aWorker, testServer } from "../fixture.ts";

const failure = async (call: Promise<unknown>) =>
  await call.then(
    () => "ok",
    (error: unknown) => (error instanceof CallFailed ? `${error.status} ${error.message}` : error),
  );

async function withJob() {
  const server = await testServer();
  const factory = await aFactory(server);
  const { client: alice } = await server.user("alice");
  const { id: job } = await alice.call("job_submit", { body: aJob() });
  const worker = await aWorker(server, factory, job);
  const path = { worker: worker.id };
  return {
    server,
    factory,
    worker,
    path,
    job,
    jobLog: async () => (await alice.call("job_events_get", { path: { job } })).map(({ payload }) => payload),
    workerLog: async () => (await server.admin.call("worker_events_get", { path, query: {} })).map(({ payload }) => payload),
  };
}

describe("a hold by an operator", () => {
  test("is told in the worker's log and in its job's, as is its end", async () => {
    const { server, path, worker, jobLog, workerLog } = await withJob();
    await using _ = server;
    const hold = () => server.admin.call("worker_hold_mark", { path, body: { reason: "a look at the disk" } });
    await hold();
    expect(await failure(hold())).toContain("409");
    expect(await server.admin.call("worker", { path })).toMatchObject({ hold: { reason: "a look at the disk" } });
    expect(await workerLog()).toContain("marked held: a look at the disk");
    expect(await jobLog()).toContain(`worker ${worker.id} is held, and stays when the job has ended: a look at the disk`);
    await server.admin.call("worker_hold_release", { path });
    await server.admin.call("worker_hold_release", { path });
    expect((await workerLog()).filter((line) => line === "hold released: an operator released it")).toHaveLength(1);
    expect(await jobLog()).toContain(`worker ${worker.id} is not held any more: an operator released it`);
    expect(await server.admin.call("worker", { path })).toMatchObject({ hold: null });
  });

  test("keeps the machine of a job that fails, and lets go of what was recycled meanwhile", async () => {
    const { server, factory, path, worker, job } = await withJob();
    await using _ = server;
    await server.admin.call("worker_hold_mark", { path, body: { reason: "a look" } });
    await worker.client.call("worker_job_complete", { path: { job }, body: { failed: true } });
    expect((await worker.client.call("worker_ping", { query: {} })).poweroff).toBe(false);
    await server.admin.call("worker_recycle", { path });
    expect(await factory.client.call("factory_workers", { query: {} })).toMatchObject([{ recycle: false, hold: true }]);
    await server.admin.call("worker_hold_release", { path });
    expect(await factory.client.call("factory_workers", { query: {} })).toMatchObject([{ recycle: true, hold: false }]);
  });

  test("of a destroyed worker is refused, its release is not", async () => {
    const { server, factory, path } = await withJob();
    await using _ = server;
    await server.admin.call("worker_hold_mark", { path, body: { reason: "a look" } });
    await factory.client.call("factory_worker_destroy", { path });
    expect(await failure(server.admin.call("worker_hold_release", { path }))).toBe("ok");
    expect(await failure(server.admin.call("worker_hold_mark", { path, body: { reason: "again" } }))).toContain("409");
  });
});

describe("recycling by an operator", () => {
  test("one has its machine destroyed, which its job is told once", async () => {
    const { server, factory, path, worker, jobLog } = await withJob();
    await using _ = server;
    const other = await aWorker(server, factory);
    await server.admin.call("worker_recycle", { path });
    await server.admin.call("worker_recycle", { path });
    expect(await factory.client.call("factory_workers", { query: {} })).toMatchObject([
      { id: worker.id, recycle: true },
      { id: other.id, recycle: false },
    ]);
    expect((await jobLog()).filter((line) => line === `an operator has worker ${worker.id} destroyed`)).toHaveLength(1);
    expect(await failure(server.admin.call("worker_recycle", { path: { worker: "01HZZZZZZZZZZZZZZZZZZZZZZZ" } }))).toContain(
      "404",
    );
  });

  test("all means all", async () => {
    const { server, factory } = await withJob();
    await using _ = server;
    await aWorker(server, factory);
    await server.admin.call("workers_recycle", {});
    const workers = await factory.client.call("factory_workers", { query: {} });
    expect(workers.map(({ recycle }) => recycle)).toEqual([true, true]);
  });
});

test("what a machine may say outside of its job is bounded: its log and its console fill no disk", async () => {
  await using server = await testServer({ job: { max_log_mb: 1 } });
  const factory = await aFactory(server);
  const { client: alice } = await server.user("alice");
  const { id: job } = await alice.call("job_submit", { body: aJob() });
  const worker = await aWorker(server, factory, job);
  // What does not compress.
  const event = () => ({
    stream: "console",
    time: new Date().toISOString(),
    payload: Buffer.from(crypto.getRandomValues(new Uint8Array(65_536))).toString("base64"),
  });
  const fill = async () => {
    for (let i = 0; i < 200; i++) await worker.client.call("worker_append", { query: {}, body: [event()] });
  };
  expect(await failure(fill())).toContain(`413 the log of worker ${worker.id} is too large`);
  const append = () => factory.client.call("factory_worker_append", { path: { worker: worker.id }, query: {}, body: event() });
  for (let i = 0; i < 60; i++) expect(await append()).toEqual({ retry: false });
  const before = server.core.logs.last(job);
  expect(before).toBeLessThan(60);
  await append();
  expect(server.core.logs.last(job)).toBe(before);
});
