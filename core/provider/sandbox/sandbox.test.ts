import { afterAll, afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { silent } from "../../common/logger.ts";
import { realWorld } from "../../common/world.ts";
import { StandInCore } from "../fixture/core.ts";
import { until } from "../fixture/until.ts";
import type { RunningFactory } from "../running.ts";
import { Box } from "./box.ts";
import { type SandboxConfig, sandboxConfig } from "./config.ts";
import { startSandboxFactory } from "./embed.ts";
import { openDirectory, processesNamed, standInAgent } from "./fixture/host.ts";
import { CannotIsolate } from "./probe.ts";
import { Sandbox } from "./sandbox.ts";

// Whole programs start here, on a machine that may be busy.
setDefaultTimeout(30_000);

const TARGET = "01HTARGET0000000000000000A";
const directory = openDirectory();
const state_dir = join(directory, "state");
const agentBinary = await standInAgent(directory);
const core = new StandInCore(realWorld());
let factory: RunningFactory | undefined;

afterEach(async () => {
  await factory?.stop();
  factory = undefined;
  core.calls.length = core.bodies.length = core.visitors.length = 0;
});
afterAll(async () => {
  await core[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

async function run(changes: Partial<SandboxConfig> = {}): Promise<RunningFactory> {
  const config = Value.Decode(sandboxConfig, Value.Default(sandboxConfig, { slots: 2, state_dir, ...changes }));
  const { url, token } = core;
  factory = await startSandboxFactory({
    world: realWorld(),
    logger: silent,
    config,
    url,
    token,
    agentBinary,
    hidden: [directory],
  });
  return factory;
}

const lease = (...jobs: string[]) => {
  core.queue.push(...jobs.map((job) => ({ job, target: TARGET })));
  core.changed();
};
const associated = () => [...core.workers.values()].filter((worker) => worker.private !== null);
/** Agents in boxes, at work or waiting; a box's process 1 is a shell. */
const agents = () => processesNamed(`${state_dir}/agent-`);

const refusal = await run().then(
  async () => undefined,
  (error: unknown) => error,
);
await factory?.stop();
factory = undefined;

test("a box that dies before it hears of its job is no machine, and its slot goes to one box alone", async () => {
  const taken: number[] = [];
  let broken = true;
  const start = (slot: number) => {
    taken.push(slot);
    const { promise: ended, resolve } = Promise.withResolvers<number>();
    const send = () => {
      if (broken) throw new Error("broken pipe");
    };
    const init = { pid: 0, signal: () => false, close: () => {} };
    return Box.start(async (line) => {
      line("R", "out");
      return { init, ended, send, kill: async () => resolve(137) };
    });
  };
  const common = () => ({ baseurl: "", single_id: false, processes: 1 });
  const maker = { common, start, details: () => ({}), close: async () => {} };
  const config = Value.Decode(sandboxConfig, Value.Default(sandboxConfig, { warm: 0 }));
  const sandbox = new Sandbox({ world: realWorld(), logger: silent, config, slots: 2, maker });
  const create = (worker: string) =>
    sandbox.create({
      job: "J",
      target: "default",
      record: async () => ({ worker, bootstrap: "B" }),
      announce: async () => {},
    });
  await expect(create("W1")).rejects.toThrow("broken pipe");
  for (const machine of await sandbox.list()) await sandbox.destroy(machine);
  broken = false;
  await create("W2");
  await create("W3");
  expect(taken.slice(1).sort()).toEqual([0, 1]);
  await sandbox.close();
});

if (refusal instanceof CannotIsolate)
  test("a host that cannot isolate runs no factory", () => {
    expect(refusal.message).toContain("cannot isolate jobs");
  });
else describe("a factory of sandboxes", () => onThisHost());

function onThisHost(): void {
  test("makes as many machines as it has slots, says what they are, and more as they end", async () => {
    expect(refusal).toBeUndefined();
    const { description } = await run();
    expect(description).toMatch(/^namespaces, .*map.*, host \/usr read-only, host network$/);
    lease("J1", "J2", "J3");
    await until(() => associated().length === 2);
    expect(core.queue).toHaveLength(1);
    const said = core.bodies.find((body) => typeof body === "object" && body !== null && "private" in body);
    expect(said).toMatchObject({ details: { isolation: description, network: "host", level: expect.stringMatching(/^[CD]$/) } });
    const [first] = associated();
    Object.assign(first ?? {}, { online: true, recycle: true });
    core.changed();
    await until(() => core.queue.length === 0 && associated().length === 2);
    expect(core.workers.has(first?.id ?? "")).toBe(false);
  });

  test("keeps a box waiting beside those at work, and leaves nothing when it stops", async () => {
    const running = await run({ slots: 1, warm: 2 });
    await until(() => agents().length === 2);
    lease("J1");
    await until(() => associated().length === 1 && agents().length === 3);
    await running.stop();
    factory = undefined;
    expect(agents()).toEqual([]);
    expect(core.workers.size).toBe(0);
    expect(existsSync(state_dir)).toBe(false);
  });

  test("hands down the last words of an agent that died", async () => {
    await run({ slots: 1, warm: 0, network: "none" });
    lease("J1");
    // By then it has been told what it is to do.
    await until(() => core.visitors.length === 1);
    for (const pid of agents()) process.kill(pid, "SIGKILL");
    await until(() => core.workers.size === 0);
    const words = core.bodies[core.calls.findIndex((call) => call.includes("append?first=1"))] as { payload: string }[];
    expect(words.at(-1)).toMatchObject({ stream: "console", payload: "the sandbox ended with exit code 137" });
  });

  test("lets a job without network reach the core, and only the core", async () => {
    await run({ network: "none" });
    lease("J1");
    await until(() => core.visitors.length === 1);
    expect(core.visitors).toEqual([`/through/w-${associated()[0]?.id.toLowerCase()}`]);
  });

  test("refuses a directory in which another factory is at work", async () => {
    await run();
    const second = Bun.spawn([process.execPath, join(import.meta.dir, "fixture/serve.ts"), directory], {
      stdout: "ignore",
      stderr: "pipe",
    });
    expect(await new Response(second.stderr).text()).toContain(`another factory is at work in ${state_dir}`);
    expect(await second.exited).not.toBe(0);
  });

  test("refuses an image that is not there", async () => {
    expect(run({ targets: { default: { image: join(directory, "none") } } })).rejects.toThrow(
      /there is no image at .+ image build/,
    );
  });
}
