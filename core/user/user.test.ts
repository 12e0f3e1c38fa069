import { describe, expect, test } from "bun:test";
import { CallFailed } from "../client/failure.ts";
import { aFactory, aJob, aWorker, type TestServer, testServer } from "../fixture.ts";

const failure = async (call: Promise<unknown>) =>
  await call.then(
    () => "ok",
    (error: unknown) => (error instanceof CallFailed ? `${error.status} ${error.message}` : error),
  );

const whoami = async (server: TestServer, token: string) => await failure(server.client(token).call("whoami", {}));

describe("tokens", () => {
  test("a new one ends the one before, and is told once", async () => {
    await using server = await testServer();
    const alice = await server.user("alice", "one", "two");
    const made = await server.admin.call("user_token_rotate", { path: { user: alice.id } });
    expect(made).toMatchObject({ id: alice.id, name: "alice" });
    expect(await whoami(server, alice.token)).toContain("401");
    expect(await whoami(server, made.token)).toBe("ok");
    expect((await server.admin.call("user_get", { path: { user: alice.id } })).privileges).toEqual(["one", "two"]);
  });

  test("a repeated call has the same token", async () => {
    await using server = await testServer();
    const { id } = await server.user("alice");
    const headers = { authorization: `Bearer ${server.admin.options.token}`, "idempotency-key": "one" };
    const rotate = async () => await (await fetch(`${server.url}/0/users/${id}/token`, { method: "POST", headers })).json();
    expect(await rotate()).toEqual(await rotate());
  });

  test("users rotate and revoke their own, and nobody else's", async () => {
    await using server = await testServer();
    const [alice, bob] = [await server.user("alice"), await server.user("bob")];
    expect(await failure(bob.client.call("user_token_rotate", { path: { user: alice.id } }))).toContain("403");
    expect(await failure(bob.client.call("user_token_revoke", { path: { user: alice.id } }))).toContain("403");
    const { token } = await alice.client.call("user_token_rotate", { path: { user: alice.id } });
    await server.client(token).call("user_token_revoke", { path: { user: alice.id } });
    expect(await whoami(server, token)).toContain("401");
    expect(await whoami(server, bob.token)).toBe("ok");
  });

  test("of an unknown user there are none", async () => {
    await using server = await testServer();
    const path = { user: "01HZZZZZZZZZZZZZZZZZZZZZZZ" };
    expect(await failure(server.admin.call("user_token_rotate", { path }))).toContain("404");
    expect(await failure(server.admin.call("user_disable", { path }))).toContain("404");
  });
});

describe("a disabled user", () => {
  test("is refused with a clear message, directly and through a delegate, until enabled again", async () => {
    await using server = await testServer();
    const alice = await server.user("alice", "admin.user.read");
    const gate = await server.user("gate", "delegate");
    const asAlice = async () => {
      const headers = { authorization: `Bearer ${gate.token}`, "x-buildomat-delegate": "alice" };
      return (await fetch(`${server.url}/0/whoami`, { headers })).status;
    };
    expect(await asAlice()).toBe(200);
    await server.admin.call("user_disable", { path: { user: alice.id } });
    expect(await whoami(server, alice.token)).toContain('403 user "alice" is disabled: ask an operator');
    expect(await failure(alice.client.call("users_list", { query: {} }))).toContain("is disabled");
    expect(await failure(alice.client.call("user_token_rotate", { path: { user: alice.id } }))).toContain("is disabled");
    expect(await asAlice()).toBe(403);
    expect(await server.admin.call("user_get", { path: { user: alice.id } })).toMatchObject({ disabled: true });
    await server.admin.call("user_enable", { path: { user: alice.id } });
    expect(await whoami(server, alice.token)).toBe("ok");
    expect(await asAlice()).toBe(200);
  });

  test.each([false, true])("keeps the jobs that were handed in, unless they are to be cancelled: %p", async (cancel_jobs) => {
    await using server = await testServer();
    const factory = await aFactory(server);
    const [alice, bob] = [await server.user("alice"), await server.user("bob")];
    const submit = async (by = alice, changes = {}) => (await by.client.call("job_submit", { body: aJob(changes) })).id;
    const [running, waiting, queued, others] = [
      await submit(),
      await submit(alice, { inputs: ["a"] }),
      await submit(),
      await submit(bob),
    ];
    await aWorker(server, factory, running);
    await server.admin.call("user_disable", { path: { user: alice.id }, query: { cancel_jobs } });
    const stateOf = async (job: string) => (await server.admin.call("admin_job_get", { path: { job } })).state;
    const states = [await stateOf(running), await stateOf(waiting), await stateOf(queued), await stateOf(others)];
    expect(states).toEqual(cancel_jobs ? ["failed", "failed", "failed", "queued"] : ["running", "waiting", "queued", "queued"]);
  });
});

describe("acting as another user", () => {
  test.each([
    ["", 400],
    ["  ", 400],
    ["01HZZZZZZZZZZZZZZZZZZZZZZZ", 400],
    ["caf\u00e9", 400],
    ["x".repeat(257), 400],
    ["Jane Doe", 200],
  ])("named %p is answered with %p", async (name, status) => {
    await using server = await testServer();
    const gate = await server.user("gate", "delegate");
    const headers = { authorization: `Bearer ${gate.token}`, "x-buildomat-delegate": name };
    const answer = await fetch(`${server.url}/0/whoami`, { headers });
    expect(answer.status).toBe(status);
    const names = (await server.admin.call("users_list", { query: {} })).map((user) => user.name);
    expect(names).toEqual(status === 200 ? ["gate", name] : ["gate"]);
  });
});

test("how much of the server a user has follows their jobs and files", async () => {
  await using server = await testServer();
  const factory = await aFactory(server);
  const alice = await server.user("alice");
  const usage = async () => (await server.admin.call("user_get", { path: { user: alice.id } })).usage;
  expect(await usage()).toEqual({ active_jobs: 0, running_jobs: 0, bytes: 0 });
  const { id: job } = await alice.client.call("job_submit", { body: aJob({ retries_on_lost_worker: 1 }) });
  await alice.client.call("job_submit", { body: aJob({ inputs: ["a"] }) });
  expect(await usage()).toEqual({ active_jobs: 2, running_jobs: 0, bytes: 0 });
  const output = async ({ client }: Awaited<ReturnType<typeof aWorker>>) => {
    const { id } = await client.call("worker_job_upload_chunk", { path: { job }, body: new Uint8Array(7) });
    const body = { path: "/a", size: 7, chunks: [id], commit_id: server.core.world.id() };
    await client.poll("worker_job_add_output", { path: { job }, body }, { wait: 10 });
  };
  const first = await aWorker(server, factory, job);
  await output(first);
  expect(await usage()).toEqual({ active_jobs: 2, running_jobs: 1, bytes: 7 });
  await factory.client.call("factory_worker_destroy", { path: { worker: first.id } });
  expect(await usage()).toEqual({ active_jobs: 2, running_jobs: 0, bytes: 0 });
  const second = await aWorker(server, factory, job);
  await output(second);
  await second.client.call("worker_job_complete", { path: { job }, body: { failed: true } });
  expect(await usage()).toEqual({ active_jobs: 1, running_jobs: 0, bytes: 7 });
});
