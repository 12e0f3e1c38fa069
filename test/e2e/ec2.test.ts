import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Client } from "../../core/client/client.ts";
import { parseConfig } from "../../core/common/config.ts";
import { silent } from "../../core/common/logger.ts";
import { realWorld } from "../../core/common/world.ts";
import { Config } from "../../core/config.ts";
import { startService } from "../../core/serve.ts";
import type { Cloud } from "../fake/ec2/cloud.ts";
import { ACCESS_KEY, FakeEc2 } from "../fake/ec2/fake.ts";
import { Machines, whyNoMachines } from "../fake/ec2/machine.ts";
import { eventually, runCli } from "./service.ts";

// An agent of a hundred megabytes is compressed, downloaded and installed.
setDefaultTimeout(120_000);

const DENIED = /not permitted|permission denied|no space left|invalid argument/i;
const ADMIN = "an-admin-token-for-tests";

/** @param target more lines of it */
const configOf = (dir: string, endpoint: string, metadata: string, target: string) => `[general]
listen = "127.0.0.1:0"
data = "${join(dir, "core")}"
agent = "${resolve("dist/buildomat-agent")}"
[admin]
token = "${ADMIN}"
[prices.instances]
"c8a.large" = { hour = 36 }
[aws]
region = "us-test-1"
endpoint = "${endpoint}"
metadata_service = "${metadata}"
access_key_id = "${ACCESS_KEY}"
secret_access_key = "secret"
vpc = "vpc-0a"
subnet = ["subnet-0a", "subnet-0b"]
security_group = "sg-0a"
tag = "bmat"
limit_total = 2
[aws.targets.default]
instance_type = "c8a.large"
ami = "ami-0a"
root_size_gb = 20
${target}
`;

interface Scene {
  dir: string;
  cloud: Cloud;
  /** What was called of EC2. */
  calls: readonly string[];
  admin: Client;
  /** Of the user whose jobs run. */
  client: Client;
  cli(...args: string[]): ReturnType<typeof runCli>;
}

const noWorkers = async (admin: Client) => (await admin.call("workers_list", { query: { active: true } })).items.length === 0;

/** A service whose machines are instances of a fake EC2 that run for real. In the end none is left, and no worker. */
async function withEc2(habits: (cloud: Cloud) => void, target: string, work: (scene: Scene) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "ec2-"));
  const world = realWorld();
  await using ec2 = new FakeEc2(world);
  Object.assign(ec2.cloud.habits, { shownAfter: 300, bootsAfter: 200, endsAfter: 100 });
  habits(ec2.cloud);
  await using machines = new Machines(ec2.cloud);
  const config = parseConfig(Config, configOf(dir, ec2.url, machines.metadataUrl, target), "test");
  const service = await startService(config, { world, logger: silent, configFile: join(dir, "server.toml") });
  try {
    const { url } = service;
    const admin = new Client({ world, url, token: ADMIN });
    const { token } = await admin.call("user_create", { body: { name: "alice" } });
    const cli = (...args: string[]) => runCli(join(dir, "cli"), url, token, args);
    await work({ dir, cloud: ec2.cloud, calls: ec2.calls, admin, client: new Client({ world, url, token }), cli });
    await eventually(() => ec2.cloud.living().length === 0 && machines.running === 0);
    await eventually(() => noWorkers(admin));
  } finally {
    await service.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

test("a job runs on an instance that its user data made a worker, keeps its artefact, and the instance is terminated", async () => {
  // Where there can be no machines, all that can be seen is that the host says so.
  const denied = whyNoMachines();
  if (denied !== undefined) return expect(denied).toMatch(DENIED);
  const habits = ({ habits: { short, throttled } }: Cloud) => {
    short.add("c8a.large us-test-1a");
    throttled.set("RunInstances", 1);
  };
  await withEc2(habits, "", async ({ cloud, admin, cli, dir }) => {
    const script = "hostname; echo made on $(hostname) >/work/artefact; echo bye";
    const run = await cli("job", "run", "-n", "ec2", "-c", script, "-O", "=/work/artefact");
    expect([run.status, run.err]).toEqual([0, ""]);
    expect(run.out).toContain("\nbye\n");
    const [instance] = cloud.instances.values();
    const name = instance?.tags["Name"] ?? "";
    const id = instance?.tags["bmat-lease_id"] ?? "";
    expect((await cli("job", "copy", id, "/work/artefact", join(dir, "artefact"))).status).toBe(0);
    expect(readFileSync(join(dir, "artefact"), "utf8")).toBe(`made on ${name}\n`);
    expect(cloud.instances.size).toBe(1);
    await eventually(() => noWorkers(admin));
    const { times, attempts, cost } = await admin.call("admin_job_get", { path: { job: id } });
    expect(Object.keys(times)).toEqual(["submit", "ready", "leased", "launched", "online", "assigned", "complete"]);
    const { queue, boot, handover, run: ran } = attempts?.[0]?.phases ?? {};
    const lifetime = [queue, boot, handover, ran].reduce<number>((sum, phase) => sum + (phase ?? Number.NaN), 0);
    expect(lifetime).toBeCloseTo((Date.parse(times["complete"] ?? "") - Date.parse(times["ready"] ?? "")) / 1000);
    expect(cost?.instance_seconds).toBeGreaterThan((boot ?? Number.NaN) + (ran ?? Number.NaN));
    expect(cost).toMatchObject({ money: expect.closeTo((cost?.instance_seconds ?? 0) / 100, 5), currency: "USD" });
    expect((await cli("job", "timings", "--phases", id)).out).toMatch(
      /boot [\d.]+ s, .*run [\d.]+ s\n.*machine time \d+ s, [\d.]+ USD\n$/,
    );
  });
});

test("a job for which EC2 launches nothing says why, and runs as soon as it does", async () => {
  const denied = whyNoMachines();
  if (denied !== undefined) return expect(denied).toMatch(DENIED);
  const habits = ({ habits: { refused } }: Cloud) => void refused.set("RunInstances", "UnauthorizedOperation");
  await withEc2(habits, "", async ({ cloud, client }) => {
    const tasks = [{ name: "say", script: "echo hello", env: {}, env_clear: false }];
    const { id: job } = await client.call("job_submit", { body: { name: "late", target: "default", output_rules: [], tasks } });
    const path = { job };
    const lines = async () => (await client.call("job_events_get", { path, query: {} })).map(({ payload }) => payload);
    const why = async () => (await client.call("job_get", { path })).waiting_for?.join() ?? "";
    await eventually(async () => (await why()).includes("could make none: "));
    expect((await lines()).join("\n")).toMatch(/factory "\S+" could not make a machine: ./);
    cloud.habits.refused.clear();
    await eventually(async () => (await client.call("job_get", { path })).state === "completed");
    expect(await lines()).toContain("hello");
  });
});

test("a job whose spot instance EC2 takes back is told so, and runs again on another one", async () => {
  const denied = whyNoMachines();
  if (denied !== undefined) return expect(denied).toMatch(DENIED);
  await withEc2(
    () => {},
    "spot = true",
    async ({ cloud, client }) => {
      const tasks = [{ name: "wait", script: "echo begun; bmat store get go", env: {}, env_clear: false }];
      const { id: job } = await client.call("job_submit", { body: { name: "spot", target: "default", output_rules: [], tasks } });
      const path = { job };
      const lines = async () => (await client.call("job_events_get", { path, query: {} })).map(({ payload }) => payload);
      const begun = (times: number) =>
        eventually(async () => (await lines()).filter((line) => line === "begun").length === times);
      await begun(1);
      const [first] = cloud.living();
      if (!first) throw new Error("the job runs without an instance");
      first.notice = "2026-01-01T00:02:00Z";
      const notice = "back at 2026-01-01T00:02:00.000Z: if the job has not ended by then, it will be tried again on another one";
      await eventually(async () =>
        (await lines()).some((line) => line.includes("EC2 will take the machine") && line.endsWith(notice)),
      );
      cloud.takeBack(first);
      await begun(2);
      await client.call("job_store_put", { path: { job, name: "go" }, body: { value: "on", secret: false } });
      await eventually(async () => (await client.call("job_get", { path })).log != null);
      const reason = expect.stringContaining("EC2 took the machine back");
      expect(await client.call("job_get", { path })).toMatchObject({ state: "completed", attempts: [{ reason }, {}] });
      expect(cloud.instances.size).toBe(2);
    },
  );
});

test("a job runs on an instance that was prepared and stopped before, whose agent came only once", async () => {
  const denied = whyNoMachines();
  if (denied !== undefined) return expect(denied).toMatch(DENIED);
  const target = 'warm = 1\nwarm_script = "stat -c %i /opt/buildomat/lib/agent >/agent-then"';
  await withEc2(
    () => {},
    target,
    async ({ cloud, calls, cli }) => {
      await eventually(() => cloud.shown().some(({ state }) => state === "stopped"));
      const [prepared] = cloud.instances.values();
      // The factory is to have seen it too: the first list may have been under way.
      const before = calls.length;
      await eventually(() => calls.slice(before).filter((call) => call === "DescribeInstances ok").length > 1);
      const run = await cli("job", "run", "-n", "warm", "-c", "hostname; cat /agent-then; stat -c %i /opt/buildomat/lib/agent");
      expect([run.status, run.err]).toEqual([0, ""]);
      const lines = run.out.split("\n");
      expect(prepared?.tags["Name"]).toStartWith("w-");
      const at = lines.indexOf(prepared?.tags["Name"] ?? "");
      expect(lines[at + 1]).toMatch(/^\d+$/);
      expect(lines[at + 2]).toBe(lines[at + 1] ?? "");
      await eventually(() => prepared?.ended !== undefined && cloud.living().length === 1);
      expect(cloud.living()[0]?.tags["bmat-worker_id"]).toBeUndefined();
      expect((await cli("admin", "factory", "drain", "aws")).status).toBe(0);
    },
  );
});
