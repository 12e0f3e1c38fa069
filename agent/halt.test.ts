import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { aJob } from "../test/fake/core-worker.ts";
import { manualWorld } from "../test/fixture/manual-world.ts";
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

  test.each([
    ["prints without end", "yes"],
    ["has ended", "exit 0"],
  ])("is not waited for when the agent is told to stop and the core takes no lines of a task that %s", async (_, rest) => {
    const world = manualWorld();
    const agent = anAgent(undefined, world);
    const { core } = agent;
    core.fault = (_, path) => (path.endsWith("/append") && core.lines("stdout").length > 0 ? { status: 503 } : undefined);
    const gate = join(agent.directory, "gate");
    core.say({ job: aJob(`echo $$; until [ -e ${gate} ]; do sleep 0.01; done; ${rest}`) });
    await core.until(() => core.lines("stdout").length > 0);
    writeFileSync(gate, "");
    for (let tenths = 0; tenths < 10; tenths++) await world.advance(100);
    const ended = agent.shutDown().then(() => "ended");
    for (let seconds = 0; seconds < 40; seconds++) await world.advance(1000);
    expect(await Promise.race([ended, "at work"])).toBe("ended");
    expect(core.failures).toEqual(["the agent was told to stop while the job was running"]);
    await agent[Symbol.asyncDispose]();
  });

  test("is given up only when its last lines are in its log, which ends with it", async () => {
    await using agent = anAgent();
    const { core } = agent;
    let late = 3;
    core.fault = (_, path) => {
      if (path.endsWith("/chunk")) return { status: 413, message: "too much" };
      return path.endsWith("/append") && core.lines("task").length > 1 && late-- > 0 ? { status: 503 } : undefined;
    };
    const rule = { ignore: false, size_change_ok: false, require_match: false, rule: `${agent.directory}/x` };
    core.say({ job: aJob(`echo x >${agent.directory}/x`, { output_rules: [rule] }) });
    await core.until(() => core.failures.length > 0);
    expect(core.failures).toEqual(["too much"]);
    expect(core.lines("worker")).toEqual(["found 1 output file"]);
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
