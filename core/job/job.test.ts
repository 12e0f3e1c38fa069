import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { CallFailed } from "../client/failure.ts";
import { aFactory, aJob, aWorker, testServer } from "../fixture.ts";
import { Job } from "./schema.ts";

const failure = async (call: Promise<unknown>): Promise<CallFailed> => {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CallFailed)) throw new Error("expected the call to be refused");
  return error;
};

async function withUser() {
  const server = await testServer();
  const factory = await aFactory(server);
  const alice = await server.user("alice");
  return { server, factory, alice, client: alice.client };
}

const NO_PHASES = { queue: null, boot: null, handover: null, run: null };

const logOf = async (client: Awaited<ReturnType<typeof withUser>>["client"], job: string) =>
  (await client.call("job_events_get", { path: { job } })).map((event) => `${event.stream} ${event.payload}`);

const DEPEND = { prior_job: "01HZZZZZZZZZZZZZZZZZZZZZZZ", copy_outputs: true, on_completed: true, on_failed: false };

describe("submitting", () => {
  test("a job without inputs is queued at once", async () => {
    const { server, client } = await withUser();
    await using _ = server;
    const { id } = await client.call("job_submit", { body: aJob({ tags: { "a.b": "c" }, output_rules: ["=%/work/*"] }) });
    const job = await client.call("job_get", { path: { job: id } });
    expect(job).toMatchObject({
      state: "queued",
      tags: { "a.b": "c" },
      output_rules: ["%=/work/*"],
      target_real: "default",
      log: null,
    });
    expect(job.times?.["submit"]).toBe(job.times?.["ready"] ?? "");
    expect(job.attempts).toEqual([
      { number: 1, worker: null, reason: null, state: "queued", times: job.times ?? {}, phases: NO_PHASES },
    ]);
  });

  test("what is told of a job fits the published schema", async () => {
    const { server, client } = await withUser();
    await using _ = server;
    const { id } = await client.call("job_submit", {
      body: aJob({ tags: { a: "b" }, timeout_seconds: 5, output_rules: ["/x"] }),
    });
    expect([...Value.Errors(Job, await client.call("job_get", { path: { job: id } }))]).toEqual([]);
  });

  test("a job with an input waits", async () => {
    const { server, client } = await withUser();
    await using _ = server;
    const { id } = await client.call("job_submit", { body: aJob({ inputs: ["a"] }) });
    expect(await client.call("job_get", { path: { job: id } })).toMatchObject({ state: "waiting" });
  });

  test.each<[string, object, number, string]>([
    ["no task", { tasks: [] }, 400, "at least one task"],
    ["an unknown target", { target: "mars" }, 400, 'there is no target "mars"'],
    ["a bad rule", { output_rules: ["work/x"] }, 400, 'output rule "work/x"'],
    [
      "a rule that could match nothing",
      { output_rules: ["=/work/[ab"] },
      400,
      'output rule "=/work/[ab": in /work/[ab, a [ is not closed',
    ],
    ["an input that is a path", { inputs: ["a/b"] }, 400, '"a/b"'],
    ["a dependency that leads out of /input", { depends: { ".. ": DEPEND } }, 400, '".. "'],
    ["a dependency without a name", { depends: { " ": DEPEND } }, 400, '" "'],
    ["two dependencies in one place", { depends: { lib: DEPEND, "lib ": DEPEND } }, 400, "twice"],
    ["an input twice", { inputs: ["a", "a"] }, 400, "twice"],
    ["a bad tag", { tags: { A: "x" } }, 400, '"A"'],
    ["a missing field", { name: undefined }, 400, "name"],
    ["a wrong type", { tasks: [{ name: 1, script: "", env: {}, env_clear: false }] }, 400, "tasks/0/name"],
    ["a stranger's job", { depends: { lib: DEPEND } }, 409, "you have no job 01HZZZZZZZZZZZZZZZZZZZZZZZ"],
  ])("%s is refused", async (_name, changes, status, message) => {
    const { server, client } = await withUser();
    await using _ = server;
    const error = await failure(client.call("job_submit", { body: aJob(changes) }));
    expect(error.status).toBe(status);
    expect(error.message).toContain(message);
  });

  test("a target's privilege is needed", async () => {
    const { server, client, alice, factory } = await withUser();
    await using _ = server;
    await server.admin.call("target_require_privilege", { path: { target: factory.target, privilege: "big" } });
    expect(await failure(client.call("job_submit", { body: aJob() }))).toMatchObject({ status: 403 });
    await server.admin.call("user_privilege_grant", { path: { user: alice.id, privilege: "big" } });
    expect(await client.call("job_submit", { body: aJob() })).toHaveProperty("id");
  });

  test("a repeated call is one job, and the key of another call is refused", async () => {
    const { server, alice } = await withUser();
    await using _ = server;
    const submit = (name: string) =>
      fetch(`${server.url}/0/jobs`, {
        method: "POST",
        headers: { authorization: `Bearer ${alice.token}`, "idempotency-key": "one" },
        body: JSON.stringify(aJob({ name })),
      });
    const [first, again, other] = [await submit("a"), await submit("a"), await submit("b")];
    expect([first.status, again.status, other.status]).toEqual([201, 201, 409]);
    expect(await again.json()).toEqual(await first.json());
  });
});

describe("running", () => {
  test("a job whose task succeeds completes, with its log sealed", async () => {
    const { server, client, factory } = await withUser();
    await using _ = server;
    const { id } = await client.call("job_submit", { body: aJob() });
    const worker = await aWorker(server, factory, id);
    const ping = await worker.client.call("worker_ping", {});
    expect(ping.job).toMatchObject({ id, tasks: [{ id: 0, uid: 0, gid: 0, workdir: "/" }], inputs: [], secrets: [] });
    const time = new Date().toISOString();
    const append = (first: number) =>
      worker.client.call("worker_job_append", {
        path: { job: id },
        query: { first },
        body: [{ stream: "stdout", time, payload: "hello", task: 0 }],
      });
    expect(await append(1)).toEqual({ next: 2 });
    expect(await append(1)).toEqual({ next: 2 });
    expect(await append(5)).toEqual({ next: 2 });
    await worker.client.call("worker_task_complete", { path: { job: id, task: 0 }, body: { failed: false } });
    await worker.client.call("worker_job_complete", { path: { job: id }, body: { failed: false } });
    expect(await client.call("job_get", { path: { job: id } })).toMatchObject({
      state: "completed",
      tasks: [{ state: "completed" }],
    });
    expect(await logOf(client, id)).toEqual([
      expect.stringContaining(`control assigned to worker ${worker.id}`),
      "stdout hello",
      "control job completed",
    ]);
    expect(await failure(append(2))).toMatchObject({ status: 409 });
    await server.core.bells.wait(`job ${id}`, server.core.bells.version(`job ${id}`), AbortSignal.timeout(2000));
    expect((await client.call("job_get", { path: { job: id } })).log).toMatchObject({ count: 3 });
  });

  test.each<[string, boolean | undefined, boolean, string | undefined, string]>([
    ["a failed task fails the job, whatever the worker says", true, false, "it is late", 'task 0 ("say") failed'],
    ["a task without a verdict fails the job", undefined, false, undefined, 'task 0 ("say") was never finished'],
    ["a failure outside of the tasks fails the job", false, true, undefined, "outside of the tasks"],
    ["a reason goes before a task that was never begun", undefined, true, "it is late", "job failed: it is late"],
  ])("%s", async (_name, taskFailed, jobFailed, told, reason) => {
    const { server, client, factory } = await withUser();
    await using _ = server;
    const { id } = await client.call("job_submit", { body: aJob() });
    const worker = await aWorker(server, factory, id);
    if (taskFailed !== undefined)
      await worker.client.call("worker_task_complete", { path: { job: id, task: 0 }, body: { failed: taskFailed } });
    const verdict = { failed: jobFailed, ...(told === undefined ? {} : { reason: told }) };
    await worker.client.call("worker_job_complete", { path: { job: id }, body: verdict });
    const job = await client.call("job_get", { path: { job: id } });
    expect(job.state).toBe("failed");
    expect(job.attempts?.[0]?.reason).toContain(reason);
    expect((await logOf(client, id)).at(-1)).toContain(reason);
  });

  test("a job keeps so many outputs and no more", async () => {
    await using server = await testServer({ job: { max_outputs: 2 } });
    const factory = await aFactory(server);
    const { client } = await server.user("alice");
    const { id } = await client.call("job_submit", { body: aJob() });
    const worker = await aWorker(server, factory, id);
    const path = { job: id };
    expect(await worker.client.call("worker_job_quota", { path })).toMatchObject({ max_outputs: 2 });
    const keep = (name: string) => {
      const body = { path: name, size: 0, chunks: [], commit_id: server.core.world.id() };
      return worker.client.poll("worker_job_add_output", { path, query: {}, body }, { wait: 10 });
    };
    for (const name of ["/a", "/b"]) expect((await keep(name)).answer).toEqual({ complete: true, error: null });
    expect((await keep("/c")).answer.error).toBe("a job may keep 2 files, this would be one more");
    expect(await client.call("job_outputs_get", { path })).toHaveLength(2);
  });

  test("a worker cannot touch another's job", async () => {
    const { server, client, factory } = await withUser();
    await using _ = server;
    const { id } = await client.call("job_submit", { body: aJob() });
    await aWorker(server, factory, id);
    const other = await aWorker(server, factory);
    const call = other.client.call("worker_job_complete", { path: { job: id }, body: { failed: false } });
    expect(await failure(call)).toMatchObject({ status: 403 });
  });

  test("a destroyed machine fails its job and says what it was at", async () => {
    const { server, client, factory } = await withUser();
    await using _ = server;
    const { id } = await client.call("job_submit", { body: aJob() });
    const worker = await aWorker(server, factory, id);
    await factory.client.call("factory_worker_destroy", { path: { worker: worker.id } });
    const reason = (await client.call("job_get", { path: { job: id } })).attempts?.[0]?.reason ?? "";
    expect(reason).toContain(`worker ${worker.id} was lost: its machine was destroyed`);
    expect(reason).toContain('it was at task 0 ("say")');
    expect(await failure(worker.client.call("worker_ping", {}))).toMatchObject({ status: 401 });
  });
});

test("a job that prints without end is ended, and told so", async () => {
  await using server = await testServer({ job: { max_log_mb: 1 } });
  const factory = await aFactory(server);
  const { client } = await server.user("alice");
  const { id } = await client.call("job_submit", { body: aJob() });
  const worker = await aWorker(server, factory, id);
  const append = async () => {
    // What does not compress.
    const payload = Buffer.from(crypto.getRandomValues(new Uint8Array(65_536))).toString("base64");
    const body = [{ stream: "stdout", time: new Date().toISOString(), payload, task: 0 }];
    await worker.client.call("worker_job_append", { path: { job: id }, body });
  };
  const fill = async () => {
    for (let i = 0; i < 200; i++) await append();
  };
  expect(await failure(fill())).toMatchObject({ status: 409 });
  const job = await client.call("job_get", { path: { job: id } });
  expect(job.attempts?.[0]?.reason).toBe("the log is larger than the limit of 1 MiB on disk (job.max_log_mb)");
  expect(await worker.client.call("worker_ping", {})).toMatchObject({ poweroff: true });
});

describe("cancelling", () => {
  test.each(["waiting", "queued", "running"])("a %s job fails, and its machine goes", async (state) => {
    const { server, client, factory } = await withUser();
    await using _ = server;
    const { id } = await client.call("job_submit", { body: aJob(state === "waiting" ? { inputs: ["a"] } : {}) });
    const worker = state === "running" ? await aWorker(server, factory, id) : undefined;
    await client.call("job_cancel", { path: { job: id } });
    await client.call("job_cancel", { path: { job: id } });
    expect(await client.call("job_get", { path: { job: id } })).toMatchObject({ state: "failed", cancelled: true });
    expect((await logOf(client, id)).filter((line) => line === "control cancelled by alice")).toHaveLength(1);
    if (worker) expect(await worker.client.call("worker_ping", {})).toMatchObject({ poweroff: true });
  });

  test("a job that has ended stays as it was", async () => {
    const { server, client, factory } = await withUser();
    await using _ = server;
    const { id } = await client.call("job_submit", { body: aJob() });
    const worker = await aWorker(server, factory, id);
    await worker.client.call("worker_task_complete", { path: { job: id, task: 0 }, body: { failed: false } });
    await worker.client.call("worker_job_complete", { path: { job: id }, body: { failed: false } });
    expect(await failure(client.call("job_cancel", { path: { job: id } }))).toMatchObject({ status: 409 });
    expect(await client.call("job_get", { path: { job: id } })).toMatchObject({ state: "completed", cancelled: false });
  });

  test("another's job is refused", async () => {
    const { server, client } = await withUser();
    await using _ = server;
    const { id } = await client.call("job_submit", { body: aJob() });
    const bob = await server.user("bob", "admin.job.read");
    expect(await bob.client.call("job_get", { path: { job: id } })).toMatchObject({ id });
    expect(await failure(bob.client.call("job_cancel", { path: { job: id } }))).toMatchObject({ status: 403 });
  });
});

describe("dependencies", () => {
  const outcomes = [
    { prior: "completed", on: "on_completed", state: "queued" },
    { prior: "failed", on: "on_failed", state: "queued" },
    { prior: "completed", on: "on_failed", state: "failed" },
    { prior: "failed", on: "on_completed", state: "failed" },
  ];
  test.each(outcomes)("a job that wants $on of a job that has $prior is $state", async ({ prior, on, state }) => {
    const { server, client, factory } = await withUser();
    await using _ = server;
    const first = await client.call("job_submit", { body: aJob() });
    const lib = { prior_job: first.id, copy_outputs: true, on_completed: false, on_failed: false, [on]: true };
    const second = await client.call("job_submit", { body: aJob({ depends: { lib } }) });
    const worker = await aWorker(server, factory, first.id);
    await worker.client.call("worker_task_complete", { path: { job: first.id, task: 0 }, body: { failed: prior === "failed" } });
    const heard = server.core.bells.version(`job ${second.id}`);
    await worker.client.call("worker_job_complete", { path: { job: first.id }, body: { failed: false } });
    await server.core.bells.wait(`job ${second.id}`, heard, AbortSignal.timeout(2000));
    // What could not be done has failed.
    const tasks = [{ state: state === "failed" ? "failed" : "pending" }];
    expect(await client.call("job_get", { path: { job: second.id } })).toMatchObject({ state, tasks });
  });
});
