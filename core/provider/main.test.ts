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

/** A config for boxes. @param lines of `[sandbox]` */
const boxesFor = (core: { url: string; token: string }, agent: string, lines: string) =>
  `agent = "${agent}"\n[core]\nurl = "${core.url}"\ntoken = "${core.token}"\n[sandbox]\n${lines}`;

function program(config: string): Bun.Subprocess<"ignore", "pipe", "pipe"> {
  const file = join(directory, "factory.toml");
  writeFileSync(file, config);
  const command = [process.execPath, join(import.meta.dir, "main.ts"), "--config", file];
  return Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
}

test("buildomat-factory makes machines for a core elsewhere, and leaves nothing when told to stop", async () => {
  await using core = new StandInCore(realWorld());
  const agent = await standInAgent(directory);
  const factory = program(boxesFor(core, agent, `state_dir = "${state}"\nslots = 1`));
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

test("a token that the core does not know ends it with words for who must change it", async () => {
  await using core = new StandInCore(realWorld());
  const agent = await standInAgent(directory);
  const rotated = { url: core.url, token: "one that was rotated" };
  const factory = program(boxesFor(rotated, agent, 'isolation = "process"'));
  expect(await new Response(factory.stderr).text()).toContain(
    `${core.url} does not know the token in ${join(directory, "factory.toml")}: after a rotation,`,
  );
  expect(await factory.exited).toBe(1);
});

const CORE = '[core]\nurl = "http://core.example"\n';
const TOKEN = 'token = "a token of some length"\n';
const AWS = `[aws]
region = "us-test-1"
vpc = "vpc-0a"
subnet = "subnet-0a"
security_group = "sg-0a"
tag = "bmat"
limit_total = 1
targets.default = { instance_type = "c8a.large", ami = "ami-0a", root_size_gb = 20 }
`;
const BOX = "[factory.box.sandbox]\n";

test.each([
  ["a key that it does not know", 'agent = "a"\ncolour = 1', "factory.toml: "],
  ["no TOML", "agent =", "factory.toml: "],
  ["nothing to make", `${CORE}`, "say what to make"],
  ["two factories with one token", `agent = "a"\n${CORE}${TOKEN}[sandbox]\n[factory.box]\n${TOKEN}${BOX}`, "the same token"],
  ["two kinds in the simple form", `${CORE}${TOKEN}[sandbox]\n${AWS}`, "give each a token of its own"],
  ["a simple form without a token", `agent = "a"\n${CORE}[sandbox]`, "core.token is missing"],
  ["a token for nobody", `agent = "a"\n${CORE}${TOKEN}[factory.box]\n${TOKEN}${BOX}`, "core.token is for [sandbox] or [aws]"],
  ["a factory that makes nothing", `${CORE}[factory.box]\n${TOKEN}`, "factory.box makes nothing"],
  ["sandboxes without an agent", `${CORE}[factory.box]\n${TOKEN}${BOX}`, "set agent"],
  ["a wrong key of one of several", `${CORE}[factory.box]\n${TOKEN}${BOX}colour = 1`, "factory.box.sandbox.colour: "],
])("%s is named", async (_, config, message) => {
  const factory = program(config);
  expect(await new Response(factory.stderr).text()).toContain(message);
  expect(await factory.exited).toBe(2);
});
