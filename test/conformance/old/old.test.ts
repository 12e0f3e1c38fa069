import { expect, test } from "bun:test";
import type { Deed } from "./agent.ts";
import type { Seen } from "./cli.ts";
import { big, build, METADATA, RULES } from "./deeds.ts";
import { job, oldHouse } from "./house.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const linesOf = ({ events }: Seen, stream: string) =>
  events.filter((event) => event.stream === stream).map(({ payload }) => payload);

test.each([false, true])("a whole job, with each call made twice: %p", async (doubled) => {
  await using house = await oldHouse({ deeds: { build }, doubled, metadata: METADATA });
  const alice = await house.user("alice");
  const id = await alice.submit(job("build", { output_rules: RULES, tags: { color: "blue" } }), {
    "hello.txt": bytes("hello input"),
    nothing: bytes(""),
  });
  const seen = await alice.tail(id);
  expect(seen.states.at(-1)).toBe("completed");
  expect(linesOf(seen, "console")).toEqual(["booting", "login:"]);
  const lines = linesOf(seen, "stdout");
  expect(doubled ? [...new Set(lines)] : lines).toEqual(["hello input", "v1 s3cr3t undefined", "fac true"]);
  expect(new Set(linesOf(seen, "stderr")).size).toBe(250);
  expect(new Set(linesOf(seen, "bg.sleeper.stdout"))).toEqual(new Set(["bg out"]));
  expect(await alice.copy(id, "/work/out.bin")).toEqual(big);
  expect(await alice.copy(id, "/work/empty.txt")).toEqual(bytes(""));
  const outputs = await alice.call<{ path: string }[]>("job_outputs_get", { path: { job: id } });
  expect(outputs.map(({ path }) => path)).toEqual(["/work/a.txt", "/work/empty.txt", "/work/out.bin"]);
  expect(await alice.call("job_store_get_all", { path: { job: id } })).toMatchObject({
    plain: { value: "v1", secret: false, source: "worker" },
    secret: { value: null, secret: true },
  });
  await house.close();
  const [worker] = (
    await house.admin.list<{ id: string; deleted: boolean; jobs: { id: string }[] }>("workers_list", { active: false })
  ).items;
  expect(worker).toMatchObject({ deleted: true, jobs: [{ id, state: "completed", tags: { color: "blue" } }] });
  const diagnostics = await house.admin.call<{ stream: string }[]>("worker_events_get", { path: { worker: worker?.id ?? "" } });
  const streams = diagnostics.map(({ stream }) => stream).filter((stream) => stream !== "control");
  expect([...new Set(streams)]).toEqual(["diag.pre", "diag.post"]);
});

test("a task that fails: later ones are not begun, what is there is kept", async () => {
  const fail: Deed = (agent) => {
    agent.say("stdout", "dying");
    agent.files.set("/work/core", bytes("core"));
    return 7;
  };
  await using house = await oldHouse({ deeds: { fail } });
  const alice = await house.user("alice");
  const [task] = job("fail").tasks;
  const id = await alice.submit(job("fail", { tasks: [task, { ...task, script: "never" }], output_rules: ["/work/*"] }));
  const seen = await alice.tail(id);
  expect(seen.states.at(-1)).toBe("failed");
  expect(linesOf(seen, "stdout")).toEqual(["dying"]);
  expect(await alice.copy(id, "/work/core")).toEqual(bytes("core"));
  expect(await alice.call("job_get", { path: { job: id } })).toMatchObject({
    state: "failed",
    cancelled: false,
    tasks: [{ state: "failed" }, { state: "failed" }],
  });
  await house.close();
});

test("dependencies: outputs become inputs, and what waits for a success fails with a failure", async () => {
  const make: Deed = (agent) => {
    agent.files.set("/work/lib.a", bytes("lib"));
    return 0;
  };
  const use: Deed = (agent) => {
    for (const [name, content] of agent.inputs) agent.say("stdout", `${name}: ${new TextDecoder().decode(content)}`);
    return 0;
  };
  await using house = await oldHouse({ deeds: { make, use, fail: () => 1 } });
  const alice = await house.user("alice");
  const on = (prior_job: string, changes: object = {}) => ({
    depends: { prior: { prior_job, copy_outputs: true, on_completed: true, on_failed: false, ...changes } },
  });
  const [made, failed] = [await alice.submit(job("make", { output_rules: ["/work/*"] })), await alice.submit(job("fail"))];
  const [good, bad, after] = [
    await alice.submit(job("use", on(made))),
    await alice.submit(job("use", on(failed))),
    await alice.submit(job("use", on(failed, { on_completed: false, on_failed: true }))),
  ];
  const seen = await alice.tail(good);
  expect(seen.states.at(-1)).toBe("completed");
  expect(linesOf(seen, "stdout")).toEqual(["prior/work/lib.a: lib"]);
  expect(await alice.join(bad)).toBe("failed");
  expect(await alice.join(after)).toBe("completed");
  await house.close();
});

test("a running job that is cancelled: its agent is told, its machine goes", async () => {
  const wait: Deed = async (agent) => {
    agent.say("stdout", "start");
    await agent.destroyed();
    return 0;
  };
  await using house = await oldHouse({ deeds: { wait } });
  const alice = await house.user("alice");
  const id = await alice.submit(job("wait"));
  const tail = alice.tail(id);
  while (
    !(await alice.call<{ stream: string }[]>("job_events_get", { path: { job: id } })).some(({ stream }) => stream === "stdout")
  )
    await Bun.sleep(5);
  await alice.call("job_cancel", { path: { job: id } });
  expect((await tail).states).toEqual(expect.arrayContaining(["running", "failed"]));
  expect(await alice.call("job_get", { path: { job: id } })).toMatchObject({ state: "failed", cancelled: true });
  // The original ends the job a second later; here it has ended, and the call may still be repeated.
  await alice.call("job_cancel", { path: { job: id } });
  await house.close();
});

test("a job that waits for its inputs can be cancelled too", async () => {
  await using house = await oldHouse();
  const alice = await house.user("alice");
  const { id } = await alice.call<{ id: string }>("job_submit", { body: job("x", { inputs: ["never"] }) });
  await alice.call("job_cancel", { path: { job: id } });
  expect(await alice.join(id)).toBe("failed");
  await house.close();
});

test("a factory that hands over what was said at boot before the job begins", async () => {
  await using house = await oldHouse({ flush: true });
  const alice = await house.user("alice");
  const seen = await alice.tail(await alice.submit(job("hello")));
  const own = seen.events.filter(({ stream }) => stream === "console" || stream === "stdout").map(({ payload }) => payload);
  expect(own).toEqual(["booting", "login:", "hello"]);
  await house.close();
});

test("an agent that finds a fault before the job fails it, and its machine goes", async () => {
  await using house = await oldHouse({ deeds: { "look before": () => 1 }, metadata: METADATA });
  const alice = await house.user("alice");
  const id = await alice.submit(job("hello"));
  expect(await alice.join(id)).toBe("failed");
  await house.close();
});
