import { describe, expect, test } from "bun:test";
import { CallFailed } from "../client/failure.ts";
import { watchScans } from "../common/sqlite/scans.fixture.ts";
import { aFactory, aJob, aWorker, testServer } from "../fixture.ts";

const statusOf = async (call: Promise<unknown>) =>
  await call.then(
    () => "ok",
    (error: unknown) => (error instanceof CallFailed ? error.status : error),
  );

async function withJob(retries?: number) {
  const server = await testServer();
  const factory = await aFactory(server);
  const { client } = await server.user("alice");
  const changes = retries === undefined ? {} : { retries_on_lost_worker: retries };
  const { id } = await client.call("job_submit", { body: aJob({ output_rules: ["/work/*"], ...changes }) });
  const job = () => client.call("job_get", { path: { job: id } });
  return { server, factory, client, id, job, worker: await aWorker(server, factory, id) };
}

type Context = Awaited<ReturnType<typeof withJob>>;

/** An output of a few bytes, as the worker of the running attempt hands it in. */
async function output({ worker, id }: Pick<Context, "worker" | "id">, path: string) {
  const { id: chunk } = await worker.client.call("worker_job_upload_chunk", {
    path: { job: id },
    body: new Uint8Array([1, 2, 3]),
  });
  const commit_id = `01${crypto
    .randomUUID()
    .replaceAll("-", "")
    .toUpperCase()
    .slice(0, 24)
    .replace(/[ILOU]/g, "0")}`;
  const body = { path, size: 3, chunks: [chunk], commit_id };
  return await worker.client.poll("worker_job_add_output", { path: { job: id }, body }, { wait: 10 });
}

/** An append of which the server has the head and half of the body. @returns what sends the rest and tells the answer's status */
async function halfAnAppend(url: string, { worker, id }: Pick<Context, "worker" | "id">): Promise<() => Promise<string>> {
  const { hostname, port } = new URL(url);
  const answered = Promise.withResolvers<string>();
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: (_, bytes) => answered.resolve(bytes.toString("latin1").slice(9, 12)),
      error: (_, error) => answered.reject(error),
    },
  });
  const body = JSON.stringify([{ stream: "stdout", time: new Date().toISOString(), payload: "late" }]);
  const head = `POST /1/worker/job/${id}/append HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${worker.token}\r\ncontent-length: ${body.length}\r\n\r\n`;
  socket.write(head + body.slice(0, 9));
  return async () => {
    socket.write(body.slice(9));
    const status = await answered.promise;
    socket.end();
    return status;
  };
}

describe("a lost machine", () => {
  test("cannot add what was on its way when its job was begun anew", async () => {
    const context = await withJob(1);
    const { server, factory, worker, client, id } = context;
    await using _ = server;
    const rest = await halfAnAppend(server.url, context);
    // Answered after it: by then the head of the append has been looked at.
    await worker.client.call("worker_ping", {});
    await factory.client.call("factory_worker_destroy", { path: { worker: worker.id } });
    await aWorker(server, factory, id);
    expect(["401", "403"]).toContain(await rest());
    const events = await client.call("job_events_get", { path: { job: id }, query: {} });
    expect(events.map(({ payload }) => payload)).not.toContain("late");
  });

  test("fails its job where the submission does not ask for another try", async () => {
    const { server, factory, worker, job } = await withJob();
    await using _ = server;
    await factory.client.call("factory_worker_destroy", { path: { worker: worker.id } });
    expect(await job()).toMatchObject({ state: "failed", attempts: [{ number: 1 }] });
  });

  test("gives the job back to the queue once it is known to be destroyed, not before", async () => {
    const context = await withJob(1);
    const { server, factory, worker, job, client, id } = context;
    await using _ = server;
    await output(context, "/work/a");
    await worker.client.call("worker_job_store_put", { path: { job: id, name: "made" }, body: { value: "x", secret: false } });
    await worker.client.call("worker_fail", { body: { reason: "the agent died" } });
    expect(await job()).toMatchObject({ state: "running", attempts: [{ reason: expect.stringContaining("the agent died") }] });
    await factory.client.call("factory_worker_destroy", { path: { worker: worker.id } });
    const again = await job();
    expect(again).toMatchObject({
      state: "queued",
      attempts: [
        { number: 1, state: "failed" },
        { number: 2, state: "queued" },
      ],
    });
    expect(again.times["submit"]).toBe(again.attempts?.[0]?.times["submit"] ?? "");
    expect(await client.call("job_outputs_get", { path: { job: id } })).toEqual([]);
    expect(await client.call("job_store_get_all", { path: { job: id } })).toEqual({});
    const second = await aWorker(server, factory, id);
    await output({ worker: second, id }, "/work/a");
    await second.client.call("worker_task_complete", { path: { job: id, task: 0 }, body: { failed: false } });
    await second.client.call("worker_job_complete", { path: { job: id }, body: { failed: false } });
    expect(await job()).toMatchObject({ state: "completed", attempts: [{ worker: worker.id }, { worker: second.id }] });
    const log = (await client.call("job_events_get", { path: { job: id } })).map((event) => event.payload);
    expect(log.filter((line) => line.includes("will be tried again once the machine is destroyed"))).toHaveLength(1);
    expect(log.filter((line) => line.includes("trying again (attempt 2 of 2)"))).toHaveLength(1);
  });

  test("is seen to without a look at the whole history", async () => {
    const context = await withJob(1);
    const { server, factory, worker, job } = context;
    await using _ = server;
    const watch = watchScans(server.core.db);
    await output(context, "/work/a");
    await factory.client.call("factory_worker_destroy", { path: { worker: worker.id } });
    expect(await job()).toMatchObject({ state: "queued" });
    // These hold what is open now.
    expect(watch.scanned().filter((table) => !["lease", "outbox"].includes(table))).toEqual([]);
  });

  test("is tried again only as often as was asked for", async () => {
    const { server, factory, worker, job, id } = await withJob(1);
    await using _ = server;
    await factory.client.call("factory_worker_destroy", { path: { worker: worker.id } });
    expect(await job()).toMatchObject({ state: "queued" });
    const second = await aWorker(server, factory, id);
    await factory.client.call("factory_worker_destroy", { path: { worker: second.id } });
    expect(await job()).toMatchObject({ state: "failed", attempts: [{}, { state: "failed" }] });
  });

  test("does not make good a task that failed of its own accord", async () => {
    const { server, factory, worker, job, id } = await withJob(3);
    await using _ = server;
    await worker.client.call("worker_task_complete", { path: { job: id, task: 0 }, body: { failed: true } });
    await factory.client.call("factory_worker_destroy", { path: { worker: worker.id } });
    expect(await job()).toMatchObject({ state: "failed" });
  });

  test("cannot speak for its job any more, before and after another has it", async () => {
    const { server, factory, worker, client, id } = await withJob(1);
    await using _ = server;
    await worker.client.call("worker_fail", { body: { reason: "gone to sleep" } });
    const body = [{ stream: "stdout", time: new Date().toISOString(), payload: "a ghost", task: 0 }];
    const calls = () =>
      Promise.all([
        statusOf(worker.client.call("worker_job_append", { path: { job: id }, query: { first: 1 }, body })),
        statusOf(
          worker.client.call("worker_job_store_put", { path: { job: id, name: "a" }, body: { value: "b", secret: false } }),
        ),
        statusOf(worker.client.call("worker_job_upload_chunk", { path: { job: id }, body: new Uint8Array(1) })),
        statusOf(worker.client.call("worker_job_complete", { path: { job: id }, body: { failed: false } })),
      ]);
    expect(await calls()).toEqual([409, 409, 409, 409]);
    await factory.client.call("factory_worker_destroy", { path: { worker: worker.id } });
    await aWorker(server, factory, id);
    expect(await calls()).toEqual([401, 401, 401, 401]);
    const log = await client.call("job_events_get", { path: { job: id } });
    expect(log.some((event) => event.payload === "a ghost")).toBe(false);
  });

  test("leaves a cancelled job cancelled", async () => {
    const { server, factory, worker, client, job, id } = await withJob(1);
    await using _ = server;
    await worker.client.call("worker_fail", { body: {} });
    await client.call("job_cancel", { path: { job: id } });
    await factory.client.call("factory_worker_destroy", { path: { worker: worker.id } });
    expect(await job()).toMatchObject({ state: "failed", cancelled: true });
  });
});

test("a task that was ended by a limit says which, in the job's reason", async () => {
  const { server, worker, job, id } = await withJob();
  await using _ = server;
  const reason = "it ran for longer than its limit of 5 s (timeout_seconds)";
  await worker.client.call("worker_task_complete", { path: { job: id, task: 0 }, body: { failed: true, reason } });
  await worker.client.call("worker_job_complete", { path: { job: id }, body: { failed: true } });
  expect((await job()).attempts?.[0]?.reason).toBe(`job failed: task 0 ("say") failed: ${reason}`);
});
