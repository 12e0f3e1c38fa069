import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aJob } from "../test/fake/core-worker.ts";
import { anAgent, done, runs } from "./fixture.ts";

describe("a job", () => {
  test("runs its tasks in order, and its log is whole", async () => {
    await using agent = anAgent();
    const core = await done(agent, aJob([{ script: "echo one; echo err >&2; echo two" }, { script: "seq 3" }]));
    expect(core.completed).toBe(false);
    expect([...core.tasks]).toEqual([
      [0, false],
      [1, false],
    ]);
    expect(core.lines("stdout")).toEqual(["one", "two", "1", "2", "3"]);
    expect(core.lines("stderr")).toEqual(["err"]);
    expect(core.job.events.filter(({ stream }) => stream === "stdout").map(({ task }) => task)).toEqual([0, 0, 1, 1, 1]);
    const records = core.lines("task");
    expect(records).toHaveLength(4);
    expect(records[1]).toMatch(/exit code 0$/);
    expect(core.lines().at(-1)).toBe(records[3] ?? "");
  });

  test("stops at the first task that fails", async () => {
    await using agent = anAgent();
    const core = await done(agent, aJob([{ script: "exit 3" }, { script: "echo never" }]));
    expect(core.completed).toBe(true);
    expect([...core.tasks]).toEqual([[0, true]]);
    expect(core.lines("task").at(-1)).toMatch(/exit code 3$/);
    expect(core.lines("stdout")).toEqual([]);
  });

  test("tells the signal that ended a task", async () => {
    await using agent = anAgent();
    const core = await done(agent, aJob("kill -9 $$"));
    expect(core.completed).toBe(true);
    expect(core.lines("worker")).toEqual(["the task was ended by signal 9"]);
    expect(core.lines("task").at(-1)).toEndWith("exit code 2147483647");
  });

  test("whose task cannot be started says why, and fails", async () => {
    await using agent = anAgent();
    const core = await done(agent, aJob([{ workdir: "/no/such/place" }]));
    expect(core.completed).toBe(true);
    expect([...core.tasks]).toEqual([[0, true]]);
    expect(core.lines("agent")[0]).toContain("/no/such/place does not exist");
  });

  test("finds only what it is given in its environment", async () => {
    await using agent = anAgent();
    const core = await done(
      agent,
      aJob([
        { script: "env", env: { FOO: "a b", TZ: "Mars" } },
        { script: "env", env_clear: true },
      ]),
    );
    const first = core.job.events.filter(({ stream, task }) => stream === "stdout" && task === 0).map(({ payload }) => payload);
    expect(first).toContain("FOO=a b");
    expect(first).toContain("TZ=Mars");
    expect(first).toContain("BUILDOMAT_JOB_ID=01J00000000000000000000000");
    expect(first).toContain("BUILDOMAT_TASK_ID=0");
    const names = core.job.events
      .filter(({ stream, task }) => stream === "stdout" && task === 1)
      .map(({ payload }) => payload.split("=")[0] ?? "");
    expect(names.filter((name) => !["PWD", "SHLVL", "_"].includes(name))).toEqual([]);
  });

  test("may write to /dev/stderr, and leaves nothing behind in the agent's directory", async () => {
    await using agent = anAgent();
    const core = await done(agent, aJob("echo loud > /dev/stderr; cat $0 | head -1"));
    expect(core.lines("stderr")).toEqual(["loud"]);
    expect(core.lines("stdout")[0]).toStartWith("echo loud");
    expect(readdirSync(agent.paths.run)).toEqual([]);
    expect(statSync(join(agent.paths.etc, "job.json")).mode & 0o777).toBe(0o600);
  });

  test("gets its inputs and hands in its outputs", async () => {
    await using agent = anAgent((core) => {
      core.inputs.set("in1", new TextEncoder().encode("hello"));
      core.inputs.set("in2", new Uint8Array(3_000_000).fill(7));
    });
    const out = join(agent.directory, "out");
    mkdirSync(out);
    const rule = { ignore: false, size_change_ok: false, require_match: false };
    const core = await done(
      agent,
      aJob(
        `cat ${agent.paths.input}/a/hello; cp ${agent.paths.input}/big ${out}/big; for i in $(seq 30); do echo $i > ${out}/f$i; done; : > ${out}/empty; echo no > ${out}/no.txt`,
        {
          inputs: [
            { name: "a/hello", id: "in1", size: 5 },
            { name: "big", id: "in2", size: 3_000_000 },
          ],
          output_rules: [
            { ...rule, rule: `${out}/*`, require_match: true },
            { ...rule, rule: `${out}/no.*`, ignore: true },
          ],
        },
      ),
    );
    expect(core.completed).toBe(false);
    expect(core.lines("stdout")).toEqual(["hello"]);
    expect(core.outputs.size).toBe(32);
    expect(core.outputs.get(`${out}/big`)?.bytes).toEqual(new Uint8Array(3_000_000).fill(7));
    expect(core.outputs.get(`${out}/empty`)?.size).toBe(0);
  });

  test("fails for want of an output it must have, and still hands in the others", async () => {
    await using agent = anAgent();
    const out = agent.directory;
    const rule = { ignore: false, size_change_ok: false, require_match: false };
    const output_rules = [
      { ...rule, rule: `${out}/there` },
      { ...rule, rule: `${out}/missing`, require_match: true },
    ];
    const core = await done(agent, aJob(`echo x > ${out}/there; exit 1`, { output_rules }));
    expect(core.completed).toBe(true);
    expect([...core.outputs.keys()]).toEqual([`${out}/there`]);
    expect(core.lines("worker").at(-1)).toContain("missing");
  });

  test("keeps none of more outputs than it may have, and says so", async () => {
    await using agent = anAgent((core) => {
      core.mostOutputs = 3;
    });
    const out = agent.directory;
    const output_rules = [{ ignore: false, size_change_ok: false, require_match: false, rule: `${out}/many-*` }];
    const core = await done(agent, aJob(`touch ${out}/many-{1..4}`, { output_rules }));
    expect(core.completed).toBe(true);
    expect([...core.outputs.keys()]).toEqual([]);
    expect(core.reasons.join()).toContain("more files than the 3 that a job may keep");
  });

  test("fails where an input cannot be had", async () => {
    await using agent = anAgent();
    const core = await done(agent, aJob("echo never", { inputs: [{ name: "../../x", id: "in1" }] }));
    expect(core.completed).toBe(true);
    expect(core.lines("stdout")).toEqual([]);
    expect(core.lines("worker")[0]).toContain("leads out");
  });

  test("does not show its secrets, also not those that come while it runs", async () => {
    await using agent = anAgent((core) => {
      core.store.set("first", { value: "correct horse", secret: true });
      core.store.set("second", { value: "battery staple", secret: true });
    });
    const { core } = agent;
    const gate = join(agent.directory, "gate");
    const job = aJob(
      `echo "a correct horse b"; until [ -e ${gate} ]; do echo "a battery staple b"; sleep 0.01; done; echo -n "battery staple" | base64`,
      { secrets: ["first"] },
    );
    core.say({ job });
    await core.until(() => core.lines("stdout").length > 0);
    expect(core.lines("stdout")[0]).toBe("a *** b");
    core.say({ job: { ...job, secrets: ["first", "second"] } });
    await core.until(() => core.lines("stdout").length > 1 && core.lines("stdout").at(-1) === "a *** b");
    writeFileSync(gate, "");
    await core.until(() => core.completed !== undefined);
    expect(core.lines("stdout").at(-1)).toBe("***");
  });
});

test("what a task leaves running ends with it", async () => {
  await using agent = anAgent();
  const core = await done(agent, aJob("sleep 1000 >/dev/null 2>&1 & echo $!"));
  expect(core.completed).toBe(false);
  expect(runs(Number(core.lines("stdout")[0]))).toBe(false);
});

test("an agent that finds a job begun gives it up", async () => {
  await using agent = anAgent((_, paths) => {
    mkdirSync(paths.etc);
    writeFileSync(join(paths.etc, "job.json"), "{}");
  });
  agent.core.say({ job: aJob("echo never") });
  await agent.core.until(() => agent.core.failures.length > 0);
  expect(agent.core.failures[0]).toContain("restarted");
  expect(agent.core.lines()).toEqual([]);
});

test("an agent waits for its factory to make it known", async () => {
  let refusals = 0;
  await using agent = anAgent((core) => {
    core.fault = (_, path) => (path === "/0/worker/bootstrap" && refusals++ < 2 ? { status: 401 } : undefined);
  });
  const core = await done(agent, aJob("true"));
  expect(core.completed).toBe(false);
  expect(refusals).toBe(3);
});

test("an agent that the core does not know at all says so and ends", async () => {
  await using agent = anAgent((core) => {
    core.fault = (_, path) => (path === "/0/worker/bootstrap" ? { status: 404, message: "there is no such key" } : undefined);
  });
  const failure = await agent.ended.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(String(failure)).toContain("there is no such key");
});

describe("diagnostics", () => {
  const metadata = (pre: string | null, post: string | null) => ({
    v: "1" as const,
    addresses: [],
    pre_job_diagnostic_script: pre,
    post_job_diagnostic_script: post,
  });

  test("run before and after the job, into the log of the machine", async () => {
    await using agent = anAgent((core) => core.say({ factory_metadata: metadata("echo before", "echo after; exit 1") }));
    const core = await done(agent, aJob("echo job"));
    await core.until(() => core.diagnostics.length === 2);
    expect(core.diagnostics).toEqual(["enable", true]);
    const said = core.worker.events.filter(({ stream }) => stream === "stdout").map(({ payload }) => payload);
    expect(said).toEqual(["before", "after"]);
    expect(core.lines("stdout")).toEqual(["job"]);
    expect(core.completed).toBe(false);
  });

  test("that find a fault keep the machine from taking a job", async () => {
    await using agent = anAgent((core) => core.say({ factory_metadata: metadata("exit 9", null) }));
    agent.core.say({ job: aJob("echo never") });
    await agent.core.until(() => agent.core.failures.length > 0);
    expect(agent.core.failures[0]).toContain("exit code 9");
    expect(agent.core.lines()).toEqual([]);
  });
});

describe("the log", () => {
  test("is whole and in order, whatever happens to the replies", async () => {
    await using agent = anAgent();
    let count = 0;
    agent.core.fault = (_, path) => {
      if (!path.endsWith("/append")) return undefined;
      count++;
      if (count % 3 !== 0) return undefined;
      return (["lose the reply", { status: 503 }, "garble"] as const)[(count / 3) % 3];
    };
    const core = await done(agent, aJob("for i in $(seq 300); do echo $i; done; seq 301 20000"));
    expect(core.lines("stdout")).toEqual(Array.from({ length: 20_000 }, (_, i) => String(i + 1)));
    expect(core.job.events.at(-1)?.stream).toBe("task");
  });
});
