import { describe, expect, test } from "bun:test";
import { aJob } from "../test/fake/core-worker.ts";
import { anAgent, runs, type TestAgent } from "./fixture.ts";

describe("a job that is not wanted any more", () => {
  /** Says its process ids, and would rather not go. */
  const STUBBORN = "trap '' TERM; (trap '' TERM; echo $BASHPID; sleep 1000; sleep 1000) & echo $$; wait; sleep 1000";

  const running = async (agent: TestAgent): Promise<number[]> => {
    agent.core.say({ job: aJob(STUBBORN) });
    await agent.core.until(() => agent.core.lines("stdout").length === 2);
    const pids = agent.core.lines("stdout").map(Number);
    expect(pids.map(runs)).toEqual([true, true]);
    return pids;
  };

  const gone = async (pids: number[]) => {
    while (pids.some(runs)) await Bun.sleep(10);
  };

  test("is killed with all its processes when the machine is taken away", async () => {
    await using agent = anAgent();
    const pids = await running(agent);
    agent.core.say({ poweroff: true });
    await gone(pids);
    expect(agent.core.completed).toBeUndefined();
    expect(agent.core.failures).toEqual([]);
  });

  test("is killed when the core takes no more of its log", async () => {
    await using agent = anAgent();
    const { core } = agent;
    core.say({ job: aJob("echo $$; while sleep 0.05; do echo more; done") });
    await core.until(() => core.lines("stdout").length > 1);
    core.completed = true;
    await gone([Number(core.lines("stdout")[0])]);
    expect(core.failures).toEqual([]);
    expect([...core.tasks]).toEqual([]);
  });

  test("is killed when the core does not know the machine any more", async () => {
    await using agent = anAgent();
    const pids = await running(agent);
    agent.core.fault = (_, path) => (path === "/0/worker/ping" ? { status: 401 } : undefined);
    agent.core.say({ factory_info: { id: "x", name: "x" } });
    await gone(pids);
  });

  test("is given up by name when the agent is told to stop, and its log is handed over", async () => {
    const agent = anAgent();
    const pids = await running(agent);
    await agent.shutDown();
    expect(pids.map(runs)).toEqual([false, false]);
    expect(agent.core.failures).toEqual(["the agent was told to stop while the job was running"]);
    await agent[Symbol.asyncDispose]();
  });

  test("is given up with the reason when its events are refused", async () => {
    await using agent = anAgent();
    agent.core.fault = (_, path) =>
      path.endsWith("/append") && path.includes("/job/") ? { status: 400, message: "too odd" } : undefined;
    agent.core.say({ job: aJob("sleep 1000") });
    await agent.core.until(() => agent.core.failures.length > 0);
    expect(agent.core.failures[0]).toContain("too odd");
  });
});
