import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { DescribeInstancesCommand, EC2Client, RunInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { manualWorld } from "../../../core/common/manual-world.ts";
import { realWorld } from "../../../core/common/world.ts";
import { ACCESS_KEY, FakeEc2 } from "./fake.ts";

// The client of Debian takes seconds for each call on a busy machine.
setDefaultTimeout(60_000);

const clientOf = (ec2: FakeEc2, accessKeyId = ACCESS_KEY) =>
  new EC2Client({ region: "us-test-1", endpoint: ec2.url, maxAttempts: 1, credentials: { accessKeyId, secretAccessKey: "s" } });

const launch = (token: string, type = "c8a.large") =>
  new RunInstancesCommand({
    MinCount: 1,
    MaxCount: 1,
    ClientToken: token,
    ImageId: "ami-0a",
    InstanceType: type as "c8a.large",
    NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: "subnet-0a", Groups: ["sg-0a"] }],
  });

const nameOf = (work: Promise<unknown>) =>
  work.then(
    () => "ok",
    (error: Error) => error.name,
  );

test("an instance is shown late, boots slowly, and ends slowly", async () => {
  const clock = manualWorld();
  await using ec2 = new FakeEc2(clock);
  Object.assign(ec2.cloud.habits, { shownAfter: 10_000, bootsAfter: 30_000, endsAfter: 20_000 });
  const client = clientOf(ec2);
  const states = async () =>
    ((await client.send(new DescribeInstancesCommand({}))).Reservations ?? []).map(
      ({ Instances }) => Instances?.[0]?.State?.Name,
    );
  const id = (await client.send(launch("t"))).Instances?.[0]?.InstanceId ?? "";
  const terminate = () => client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  expect(await states()).toEqual([]);
  expect(await nameOf(terminate())).toBe("InvalidInstanceID.NotFound");
  await clock.advance(10_000);
  expect(await states()).toEqual(["pending"]);
  await clock.advance(20_000);
  expect(await states()).toEqual(["running"]);
  await terminate();
  expect(await states()).toEqual(["shutting-down"]);
  await clock.advance(20_000);
  expect(await states()).toEqual(["terminated"]);
  await clock.advance(3_600_000);
  expect(await states()).toEqual([]);
});

test("the same token makes one instance, and is refused with another request", async () => {
  await using ec2 = new FakeEc2(realWorld());
  const client = clientOf(ec2);
  const ids = await Promise.all([client.send(launch("t")), client.send(launch("t"))]);
  expect(new Set(ids.map(({ Instances }) => Instances?.[0]?.InstanceId)).size).toBe(1);
  expect(await nameOf(client.send(launch("t", "c7a.large")))).toBe("IdempotentParameterMismatch");
});

test("a key that it does not know is refused", async () => {
  await using ec2 = new FakeEc2(realWorld());
  expect(await nameOf(clientOf(ec2, "AKIAOTHER").send(new DescribeInstancesCommand({})))).toBe("AuthFailure");
});

const AWSCLI = "/usr/bin/aws";

test.skipIf(!existsSync(AWSCLI))("an independent client agrees (skipped without Debian's awscli)", async () => {
  await using ec2 = new FakeEc2(realWorld());
  ec2.cloud.habits.page = 1;
  const aws = async (...words: string[]) => {
    const env = { PATH: "/usr/bin:/bin", HOME: "/nonexistent", AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: "s" };
    const command = [
      AWSCLI,
      "ec2",
      ...words,
      "--endpoint-url",
      ec2.url,
      "--region",
      "us-test-1",
      "--output",
      "json",
      "--no-cli-pager",
    ];
    const program = Bun.spawn(command, { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    const [out, err, code] = await Promise.all([
      new Response(program.stdout).text(),
      new Response(program.stderr).text(),
      program.exited,
    ]);
    return { out: code === 0 ? JSON.parse(out) : undefined, err };
  };
  const run = ["run-instances", "--image-id", "ami-0a", "--instance-type", "c7a.large"];
  const where = ["--network-interfaces", "DeviceIndex=0,SubnetId=subnet-0a,Groups=sg-0a"];
  const tags = ["--tag-specifications", "ResourceType=instance,Tags=[{Key=bmat,Value=1}]"];
  const ids: string[] = [];
  for (let made = 0; made < 2; made++) ids.push((await aws(...run, ...where, ...tags)).out.Instances[0].InstanceId);
  const { out } = await aws("describe-instances", "--filters", "Name=tag-key,Values=bmat");
  expect(out.Reservations.map((one: { Instances: { InstanceId: string }[] }) => one.Instances[0]?.InstanceId)).toEqual(ids);
  expect(out.Reservations[0].Instances[0]).toMatchObject({ State: { Name: "running" }, Tags: [{ Key: "bmat", Value: "1" }] });
  expect((await aws("terminate-instances", "--instance-ids", ...ids)).out.TerminatingInstances[1].CurrentState.Name).toBe(
    "terminated",
  );
  ec2.cloud.habits.short.add("c7a.large us-test-1a");
  expect((await aws(...run, ...where)).err).toContain("InsufficientInstanceCapacity");
});
