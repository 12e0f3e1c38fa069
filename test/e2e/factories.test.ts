import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { realWorld } from "../../core/common/world.ts";
import { ADMIN_TOKEN, testServer } from "../../core/fixture.ts";
import { Program } from "../chaos/program.ts";
import { ACCESS_KEY, FakeEc2 } from "../fake/ec2/fake.ts";
import { Machines, whyNoMachines } from "../fake/ec2/machine.ts";
import { eventually, runCli } from "./service.ts";

// Agents of a hundred megabytes are compressed, downloaded and installed.
setDefaultTimeout(120_000);

const DENIED = /not permitted|permission denied|no space left|invalid argument/i;
const AGENT = resolve("dist/buildomat-agent");

const awsSection = (name: string, token: string, endpoint: string) => `[factory.${name}]
token = "${token}"
[factory.${name}.aws]
region = "us-test-1"
endpoint = "${endpoint}"
access_key_id = "${ACCESS_KEY}"
secret_access_key = "secret"
vpc = "vpc-0a"
subnet = "subnet-0a"
security_group = "sg-0a"
tag = "bmat"
limit_total = 2
[factory.${name}.aws.targets.cloud]
instance_type = "c8a.large"
ami = "ami-0a"
root_size_gb = 20
`;

test("one program is several factories: each has its jobs and is drained by itself, and one that is refused ends no other", async () => {
  // Where there can be no machines, all that can be seen is that the host says so.
  const denied = whyNoMachines();
  if (denied !== undefined) return expect(denied).toMatch(DENIED);
  const dir = mkdtempSync(join(tmpdir(), "factories-"));
  await using server = await testServer({ general: { agent: AGENT } });
  await using ec2 = new FakeEc2(realWorld());
  await using _ = new Machines(ec2.cloud);
  const { admin } = server;
  for (const name of ["box", "cloud"]) await admin.call("target_create", { body: { name, desc: "for tests" } });
  const tokenOf = async (name: string) => (await admin.call("factory_create", { body: { name } })).token;
  const { token, client } = await server.user("alice");
  const cli = (...args: string[]) => runCli(join(dir, "cli"), server.url, token, args, ADMIN_TOKEN);
  const file = join(dir, "factory.toml");
  writeFileSync(
    file,
    `agent = "${AGENT}"
[core]
url = "${server.url}"
[factory.here]
token = "${await tokenOf("here")}"
[factory.here.sandbox]
slots = 1
state_dir = "/var/tmp/${dir.split("/").at(-1)}"
[factory.here.sandbox.targets.box]
${awsSection("there", await tokenOf("there"), ec2.url)}
${awsSection("nowhere", "a token that the core does not know", ec2.url)}`,
  );
  const program = new Program("core/provider/main.ts", ["--config", file]);
  try {
    const refused = await program.line("the core refuses this factory");
    expect(JSON.parse(refused)).toMatchObject({ level: "error", part: "nowhere", status: 401 });
    const submit = async (target: string) => {
      const tasks = [{ name: "wait", script: "echo begun; until [ -e /tmp/go ]; do sleep 0.1; done", env: {}, env_clear: false }];
      return (await client.call("job_submit", { body: { name: target, target, output_rules: [], tasks } })).id;
    };
    const running = [await submit("box"), await submit("cloud")];
    const states = async (jobs: string[]) =>
      (await Promise.all(jobs.map((job) => client.call("job_get", { path: { job } })))).map(({ state }) => state);
    await eventually(async () => (await states(running)).every((state) => state === "running"));
    for (const name of ["here", "there"]) expect((await cli("admin", "factory", "drain", "--no-wait", name)).err).toBe("");
    const late = [await submit("box"), await submit("cloud")];
    const modes = async () =>
      (await admin.call("factories_list", {})).map(({ name, state, workers }) => `${name} ${state} ${workers}`);
    expect(await modes()).toEqual(["here draining 1", "there draining 1"]);
    for (const job of running) await client.call("job_cancel", { path: { job } });
    for (const name of ["here", "there"]) expect((await cli("admin", "factory", "drain", name)).out).toBe(`${name} is drained\n`);
    expect(await modes()).toEqual(["here drained 0", "there drained 0"]);
    expect(ec2.cloud.living()).toEqual([]);
    expect(await states(late)).toEqual(["queued", "queued"]);
    expect(await program.stop()).toBe(1);
  } finally {
    await program.kill();
    rmSync(dir, { recursive: true, force: true });
  }
});
