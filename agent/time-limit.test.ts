import { describe, expect, test } from "bun:test";
import type { WorkerPingJob } from "../core/client/operations.ts";
import { aJob } from "../test/fake/core-worker.ts";
import { type ManualWorld, manualWorld } from "../test/fixture/manual-world.ts";
import { anAgent, runs, type TestAgent } from "./fixture.ts";

/** Gives the agent a job and lets time pass, once the job has said that it is up, until it is over. */
async function outlive(agent: TestAgent, world: ManualWorld, job: WorkerPingJob, seconds: number): Promise<void> {
  const { core } = agent;
  core.say({ job });
  await core.until(() => core.lines("stdout").includes("up"));
  expect(core.completed).toBeUndefined();
  await world.advance(seconds * 1000);
  while (core.completed === undefined) await world.advance(20);
}

describe("a limit in time", () => {
  test("of a task ends it with all that it started, says what it was at, and is named", async () => {
    const world = manualWorld();
    await using agent = anAgent(undefined, world);
    const { core } = agent;
    const script = "trap '' TERM; (trap '' TERM; exec sleep 1111) & echo $!; echo up; exec -a the-culprit sleep 2222";
    await outlive(agent, world, aJob([{ script, timeout_seconds: 5 }, { script: "echo never" }]), 4);
    const reason = "it ran for longer than its limit of 5 s (timeout_seconds)";
    expect(core.reasons).toEqual([reason]);
    expect([...core.tasks]).toEqual([[0, true]]);
    const said = core.job.events.filter(({ stream }) => stream === "worker");
    expect(said.every(({ task }) => task === 0)).toBe(true);
    const [first = "", ...processes] = said.map(({ payload }) => payload);
    expect(first).toStartWith(reason);
    expect(processes.join("\n")).toMatch(/\d+ the-culprit 2222 \((sleeping|running).*\)/);
    expect(processes.join("\n")).toMatch(/\n {2}\d+ sleep 1111 \(.*\)/);
    expect(runs(Number(core.lines("stdout")[0]))).toBe(false);
  });

  test("is not felt by a task that ends before", async () => {
    const world = manualWorld();
    await using agent = anAgent(undefined, world);
    const job = aJob([{ script: "echo up; read -r <$FIFO", timeout_seconds: 5, env: { FIFO: `${agent.directory}/fifo` } }], {
      silence_seconds: 5,
      timeout_seconds: 5,
    });
    await Bun.$`mkfifo ${agent.directory}/fifo`;
    agent.core.say({ job });
    await agent.core.until(() => agent.core.lines("stdout").includes("up"));
    await world.advance(4000);
    await Bun.write(`${agent.directory}/fifo`, "go\n");
    while (agent.core.completed === undefined) await world.advance(20);
    expect([agent.core.completed, agent.core.reasons]).toEqual([false, []]);
    await world.advance(60_000);
    expect(agent.core.lines("worker")).toEqual([]);
  });

  test("of silence counts from the last thing that was printed", async () => {
    const world = manualWorld();
    await using agent = anAgent(undefined, world);
    const { core } = agent;
    const fifo = `${agent.directory}/fifo`;
    await Bun.$`mkfifo ${fifo}`;
    core.say({
      job: aJob([{ script: "echo up; read -r <$FIFO; echo more; sleep 1000", env: { FIFO: fifo } }], { silence_seconds: 30 }),
    });
    await core.until(() => core.lines("stdout").includes("up"));
    await world.advance(25_000);
    await Bun.write(fifo, "go\n");
    await core.until(() => core.lines("stdout").includes("more"));
    await world.advance(25_000);
    expect(core.lines("worker")).toEqual([]);
    while (core.completed === undefined) await world.advance(1000);
    expect(core.reasons).toEqual(["it printed nothing for 30 s (silence_seconds)"]);
  });

  test("of the job ends the task that runs, and no other begins", async () => {
    const world = manualWorld();
    await using agent = anAgent(undefined, world);
    const { core } = agent;
    await outlive(agent, world, aJob([{ script: "echo up; sleep 1000" }, { script: "echo never" }], { timeout_seconds: 60 }), 60);
    const reason = "the job ran for longer than its limit of 1 m 0 s (timeout_seconds)";
    expect(core.reasons).toEqual([reason, reason]);
    expect([...core.tasks]).toEqual([[0, true]]);
    expect(core.completed).toBe(true);
  });

  test("of the job ends it also while it waits for an input", async () => {
    const world = manualWorld();
    await using agent = anAgent((core) => {
      core.fault = (_, path) => (path.includes("/inputs/") ? { status: 503 } : undefined);
    }, world);
    const { core } = agent;
    core.say({ job: aJob("echo never", { timeout_seconds: 60, inputs: [{ id: "x", name: "x" }] }) });
    while (core.completed === undefined) await world.advance(1000);
    expect(core.reasons.join()).toContain("the job ran for longer than its limit of 1 m 0 s (timeout_seconds)");
    expect([...core.tasks]).toEqual([]);
  });
});
