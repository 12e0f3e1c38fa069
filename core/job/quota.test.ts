import { describe, expect, test } from "bun:test";
import { CallFailed } from "../client/failure.ts";
import { aFactory, aJob, aWorker, type ConfigChanges, testServer } from "../fixture.ts";

const failure = async (call: Promise<unknown>) =>
  await call.then(
    () => "ok",
    (error: unknown) => (error instanceof CallFailed ? `${error.status} ${error.message}` : error),
  );

async function withUser(quota: ConfigChanges["quota"] = {}) {
  const server = await testServer({ quota });
  const factory = await aFactory(server);
  const { client } = await server.user("alice");
  const submit = (changes: object = {}) => client.call("job_submit", { body: aJob(changes) });
  return { server, factory, client, submit };
}

const task = (changes: object) => ({ tasks: [{ name: "a", script: "true", env: {}, env_clear: false, ...changes }] });

describe("a submission is refused that has", () => {
  const quota = {
    max_tasks: 2,
    max_inputs: 2,
    max_depends: 1,
    max_output_rules: 2,
    max_tags: 2,
    max_tag_bytes: 20,
    max_name_bytes: 10,
    max_path_bytes: 12,
    max_script_bytes: 20,
    max_env_bytes: 16,
  };
  const many = (count: number, what: unknown) => Array.from({ length: count }, () => what);
  const prior = { prior_job: "01HZZZZZZZZZZZZZZZZZZZZZZZ", copy_outputs: false, on_completed: true, on_failed: false };
  test.each<[string, object, string]>([
    ["too many tasks", { tasks: many(3, task({}).tasks[0]) }, "too many tasks: 3, the limit is 2"],
    ["too many inputs", { inputs: ["a", "b", "c"] }, "too many inputs: 3"],
    ["too many dependencies", { depends: { a: prior, b: prior } }, "too many depends: 2"],
    ["too many rules", { output_rules: many(3, "/a") }, "too many output rules: 3"],
    ["too many tags", { tags: { a: "", b: "", c: "" } }, "too many tags: 3"],
    ["too much in its tags", { tags: { a: "ä".repeat(10) } }, "the tags are too large: 21 bytes, the limit is 20"],
    ["a long name", { name: "x".repeat(11) }, "the job's name is too long: 11 bytes, the limit is 10"],
    ["a long name of a task", task({ name: "x".repeat(11) }), "the name of task 0 is too long"],
    ["a long name of an input", { inputs: ["x".repeat(11)] }, "an input's name is too long"],
    ["a long name of a dependency", { depends: { ["x".repeat(11)]: prior } }, "a dependency's name is too long"],
    ["a long rule", { output_rules: [`/${"x".repeat(12)}`] }, "an output rule is too long"],
    ["a long directory", task({ workdir: `/${"x".repeat(12)}` }), "the workdir of task 0 is too long"],
    ["a long script", task({ script: "x".repeat(21) }), "the script of task 0 is too long: 21 bytes, the limit is 20"],
    ["too much in its environment", task({ env: { A: "x".repeat(16) } }), "the environment of task 0 is too large: 17 bytes"],
    ["a variable that no program can have", task({ env: { "A=B": "" } }), 'cannot be called "A=B"'],
    ["a NUL in its script", task({ script: "a\0b" }), "the script of task 0 cannot have a NUL in it"],
    ["a NUL in its environment", task({ env: { A: "\0" } }), "cannot have a NUL in its value"],
  ])("%s", async (_name, changes, message) => {
    const { server, submit } = await withUser(quota);
    await using _ = server;
    const refused = await failure(submit(changes));
    expect(refused).toContain("400");
    expect(refused).toContain(message);
    expect(await failure(submit())).toBe("ok");
  });
});

test("so many jobs of a user may be active, across a restart, and others are not touched by it", async () => {
  const { server, factory, client, submit } = await withUser({ max_active_jobs: 2 });
  await submit({ inputs: ["a"] });
  const { id: job } = await submit();
  const tooMany = "you have 2 jobs that have not ended, the limit is 2: wait until some have, or cancel some";
  expect(await failure(submit())).toContain(tooMany);
  const bob = await server.user("bob");
  expect(await failure(bob.client.call("job_submit", { body: aJob() }))).toBe("ok");
  await using again = await server.restart();
  const alice = again.client(client.options.token ?? "");
  const resubmit = () => alice.call("job_submit", { body: aJob() });
  expect(await failure(resubmit())).toContain("429");
  const worker = await aWorker(again, { ...factory, client: again.client(factory.client.options.token ?? "") }, job);
  expect(await failure(resubmit())).toContain("429");
  await worker.client.call("worker_job_complete", { path: { job }, body: { failed: true } });
  expect(await failure(resubmit())).toBe("ok");
  expect(await failure(resubmit())).toContain("429");
});

test("the files of a user may have so many bytes together, whichever job they are of", async () => {
  const { server, factory, client, submit } = await withUser({ max_bytes_mb: 1 });
  await using _ = server;
  const half = new Uint8Array(600 * 1024);
  const { id: waiting } = await submit({ inputs: ["a"] });
  const { id: running } = await submit();
  const worker = await aWorker(server, factory, running);
  const commitOf = (id: string) => ({ size: half.length, chunks: [id], commit_id: server.core.world.id() });
  const upload = () => worker.client.call("worker_job_upload_chunk", { path: { job: running }, body: half });
  const chunk = await upload();
  const early = await client.call("job_upload_chunk", { path: { job: waiting }, body: half });
  const output = { ...commitOf(chunk.id), path: "/a" };
  const { answer } = await worker.client.poll("worker_job_add_output", { path: { job: running }, body: output }, { wait: 10 });
  expect(answer).toEqual({ complete: true, error: null });
  const input = { path: { job: waiting }, body: { ...commitOf(early.id), name: "a" } };
  expect(await failure(client.call("job_add_input", input))).toContain(
    `413 the files of the job's owner have ${half.length} bytes, ${half.length} more are too many: the limit is 1048576`,
  );
  expect(await failure(upload())).toContain("413");
});

test("a job's store has so many values, of so many bytes", async () => {
  const { server, client, submit } = await withUser({ max_store_values: 1, max_store_value_bytes: 4 });
  await using _ = server;
  const { id: job } = await submit();
  const put = (name: string, value: string) =>
    failure(client.call("job_store_put", { path: { job, name }, body: { value, secret: false } }));
  expect(await put("a", "12345")).toContain("400");
  expect(await put("a", "1234")).toBe("ok");
  expect(await put("b", "1")).toContain("409");
  expect(await put("a", "1")).toBe("ok");
});

test("everybody may see the limits", async () => {
  const { server } = await withUser({ max_running_jobs: 7 });
  await using _ = server;
  expect(await (await fetch(`${server.url}/0/quota`)).json()).toMatchObject({
    max_bytes_per_input: 1024 ** 3,
    max_bytes_per_user: 1024 ** 4,
    max_active_jobs: 10_000,
    max_running_jobs: 7,
    max_tasks: 64,
  });
  await using other = await testServer();
  expect(await (await fetch(`${other.url}/0/quota`)).json()).not.toHaveProperty("max_running_jobs");
});
