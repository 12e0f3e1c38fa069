import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { realWorld } from "../common/world.ts";
import { StandInCore } from "./fixture/core.ts";
import { until } from "./fixture/until.ts";
import { openDirectory, processesNamed, standInAgent } from "./sandbox/fixture/host.ts";

// Whole programs start here, on a machine that may be busy.
setDefaultTimeout(30_000);

const directory = openDirectory();
const state = join(directory, "state");
afterAll(() => rmSync(directory, { recursive: true }));

function program(config: string): Bun.Subprocess<"ignore", "pipe", "pipe"> {
  const file = join(directory, "factory.toml");
  writeFileSync(file, config);
  const command = [process.execPath, join(import.meta.dir, "main.ts"), "--config", file];
  return Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
}

test("buildomat-factory makes machines for a core elsewhere, and leaves nothing when told to stop", async () => {
  await using core = new StandInCore(realWorld());
  const agent = await standInAgent(directory);
  const factory = program(`agent = "${agent}"
[core]
url = "${core.url}"
token = "${core.token}"
[sandbox]
state_dir = "${state}"
slots = 1`);
  const said = new Response(factory.stderr).text();
  core.queue.push({ job: "J1", target: core.targets[0]?.id ?? "" });
  await Promise.race([factory.exited, until(() => [...core.workers.values()].some(({ private: machine }) => machine !== null))]);
  if (factory.exitCode !== null) return expect(await said).toContain("this host cannot isolate jobs");
  factory.kill("SIGTERM");
  expect(await factory.exited).toBe(0);
  expect(core.workers.size).toBe(0);
  expect(existsSync(state)).toBe(false);
  expect(processesNamed(state)).toEqual([]);
});

test.each([
  ["a key that it does not know", 'agent = "a"\ncolour = 1', "factory.toml: "],
  ["no TOML", "agent =", "factory.toml: "],
])("%s is named", async (_, config, message) => {
  const factory = program(config);
  expect(await new Response(factory.stderr).text()).toContain(message);
  expect(await factory.exited).toBe(2);
});
