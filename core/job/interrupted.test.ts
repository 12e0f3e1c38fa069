import { expect, test } from "bun:test";
import { CallFailed } from "../client/failure.ts";
import { aFactory, aJob, type ConfigChanges, testServer } from "../fixture.ts";

const TIME = "2026-01-01T00:02:00.000Z";
const NOTICE = { body: { by: "EC2", time: TIME } };

/** A job that says nothing of retries, unless told, on a machine that may be taken back. */
async function withJob({ config = {}, ...changes }: { config?: ConfigChanges; retries_on_lost_worker?: number } = {}) {
  const server = await testServer(config);
  const factory = await aFactory(server);
  const { client } = await server.user("alice");
  const { id } = await client.call("job_submit", { body: aJob(changes) });
  const path = { job: id };
  const machine = async (spot = true, job: string | null = id) => {
    const body = { target: factory.target, job };
    const { id: worker, bootstrap } = await factory.client.call("factory_worker_create", { body });
    const metadata = { v: "1" as const, ...(spot ? { interruption_notices: "http://169.254.169.254" } : {}) };
    const named = { private: `i-${worker}`, metadata };
    await factory.client.call("factory_worker_associate", { path: { worker }, body: named });
    const token = `agent-token-${worker}`;
    await server.client("none").call("worker_bootstrap", { body: { bootstrap, token } });
    const gone = (interrupted?: string) =>
      factory.client.call("factory_worker_destroy", { path: { worker }, query: interrupted ? { interrupted } : {} });
    return { id: worker, client: server.client(token), gone };
  };
  const job = () => client.call("job_get", { path });
  const log = async () => (await client.call("job_events_get", { path, query: {} })).map(({ payload }) => payload);
  return { server, factory, client, id, path, machine, job, log };
}

test("notice is told in the log; the job is tried again once the machine was taken, although it asked for no retries", async () => {
  const { server, machine, job, log, path, client } = await withJob();
  await using _ = server;
  const first = await machine();
  await first.client.call("worker_interrupted", NOTICE);
  await first.client.call("worker_interrupted", NOTICE);
  const notice = `EC2 will take the machine of worker ${first.id} back at ${TIME}: if the job has not ended by then, it will be tried again on another one`;
  expect((await log()).filter((line) => line === notice)).toHaveLength(1);
  expect(await job()).toMatchObject({ state: "running" });
  await first.client.call("worker_fail", { body: { reason: "the agent was told to stop" } });
  expect(await job()).toMatchObject({ state: "running" });
  await first.gone();
  const reason = expect.stringContaining(`worker ${first.id} was lost: EC2 took the machine back (last heard of`);
  expect(await job()).toMatchObject({ state: "queued", attempts: [{ reason }, { state: "queued" }] });
  expect(await log()).toContain("EC2 took the machine back: trying again (attempt 2 of 2)");
  const second = await machine();
  await second.client.call("worker_task_complete", { path: { ...path, task: 0 }, body: { failed: false } });
  await second.client.call("worker_job_complete", { path, body: { failed: false } });
  expect(await client.call("job_get", { path })).toMatchObject({ state: "completed" });
});

test("a job that ends before its machine is taken has ended", async () => {
  const { server, machine, job, path } = await withJob();
  await using _ = server;
  const { client, gone } = await machine();
  await client.call("worker_interrupted", NOTICE);
  await client.call("worker_task_complete", { path: { ...path, task: 0 }, body: { failed: false } });
  await client.call("worker_job_complete", { path, body: { failed: false } });
  await gone("EC2");
  expect(await job()).toMatchObject({ state: "completed", attempts: [{ number: 1 }] });
});

test("where the agent could not tell, the factory's word is enough, also after the worker was given up", async () => {
  const { server, machine, job, log } = await withJob();
  await using _ = server;
  const first = await machine();
  await first.client.call("worker_fail", { body: { reason: "the agent was told to stop" } });
  expect(await job()).toMatchObject({ state: "running" });
  expect((await log()).at(-1)).toEndWith(
    "; if the machine was taken back, the job will be tried again once the machine is destroyed",
  );
  await first.gone("EC2");
  const why = "EC2 took the machine back: worker ";
  expect(await job()).toMatchObject({ state: "queued", attempts: [{ reason: expect.stringContaining(why) }, {}] });
  const second = await machine();
  await second.gone("EC2");
  expect(await job()).toMatchObject({ state: "queued", attempts: [{}, {}, {}] });
});

test("a machine of that kind that was lost otherwise fails its job when it is gone", async () => {
  const { server, machine, job, log } = await withJob();
  await using _ = server;
  const first = await machine();
  await first.client.call("worker_fail", { body: { reason: "no network" } });
  await first.gone();
  const reason = expect.stringMatching(/^worker \w+ was lost: no network/);
  expect(await job()).toMatchObject({ state: "failed", attempts: [{ reason }] });
  expect((await log()).at(-1)).toMatch(/^worker \w+ was lost: no network/);
});

test("interruptions are counted by themselves, and only so many are made good", async () => {
  const { server, machine, job, log } = await withJob({
    config: { job: { max_interruptions: 2 } },
    retries_on_lost_worker: 1,
  });
  await using _ = server;
  const states = [];
  for (const by of ["EC2", undefined, "EC2", "EC2"]) {
    await (await machine()).gone(by);
    states.push((await job()).state);
  }
  expect(states).toEqual(["queued", "queued", "queued", "failed"]);
  expect((await log()).filter((line) => line.includes("trying again")).map((line) => line.split("(")[1])).toEqual([
    "attempt 2 of 3)",
    "attempt 3 of 3)",
    "attempt 4 of 4)",
  ]);
});

test("a job that must not run twice, one that was cancelled, and one with a failed task are not tried again", async () => {
  for (const [changes, act, left] of [
    [{ retries_on_lost_worker: 0 }, "none", "failed"],
    [{}, "cancel", "failed"],
    [{}, "fail a task", "failed"],
  ] as const) {
    const { server, machine, job, path, client } = await withJob(changes);
    await using _ = server;
    const first = await machine();
    await first.client.call("worker_interrupted", NOTICE);
    if (act === "cancel") await client.call("job_cancel", { path });
    if (act === "fail a task")
      await first.client.call("worker_task_complete", { path: { ...path, task: 0 }, body: { failed: true } });
    await first.gone("EC2");
    expect({ act, state: (await job()).state }).toEqual({ act, state: left });
  }
});

test("a machine without a job goes as soon as it has notice; one of another kind is not believed", async () => {
  const { server, machine, factory, id } = await withJob();
  await using _ = server;
  const other = await machine(false, id);
  const refused = other.client.call("worker_interrupted", NOTICE).catch((error: unknown) => error);
  expect(await refused).toBeInstanceOf(CallFailed);
  expect(await refused).toMatchObject({ status: 409 });
  const idle = await machine(true, null);
  await idle.client.call("worker_interrupted", NOTICE);
  const workers = await factory.client.call("factory_workers", { query: {} });
  expect(workers.find((worker) => worker.id === idle.id)).toMatchObject({ recycle: true });
});
