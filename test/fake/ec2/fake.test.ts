import { expect, test } from "bun:test";
import {
  CreateTagsCommand,
  DescribeInstancesCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { realWorld } from "../../../core/common/world.ts";
import { manualWorld } from "../../fixture/manual-world.ts";
import { ACCESS_KEY, FakeEc2 } from "./fake.ts";

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

test("an instance is stopped, given other user data and started, each only where its state allows", async () => {
  const clock = manualWorld();
  await using ec2 = new FakeEc2(clock);
  Object.assign(ec2.cloud.habits, { bootsAfter: 30_000, endsAfter: 20_000 });
  const booted: string[] = [];
  ec2.cloud.habits.boot = ({ userData }) => booted.push(userData);
  const client = clientOf(ec2);
  const id = (await client.send(launch("t"))).Instances?.[0]?.InstanceId ?? "";
  const at = { InstanceIds: [id] };
  const stop = () => client.send(new StopInstancesCommand(at));
  const start = () => client.send(new StartInstancesCommand(at));
  const tell = (text: string) =>
    client.send(new ModifyInstanceAttributeCommand({ InstanceId: id, UserData: { Value: Buffer.from(text) } }));
  const state = async () => (await client.send(new DescribeInstancesCommand(at))).Reservations?.[0]?.Instances?.[0]?.State?.Name;
  expect(await nameOf(stop())).toBe("IncorrectInstanceState");
  await clock.advance(30_000);
  expect(await nameOf(tell("early"))).toBe("IncorrectInstanceState");
  expect((await stop()).StoppingInstances?.[0]).toMatchObject({
    PreviousState: { Name: "running" },
    CurrentState: { Name: "stopping" },
  });
  expect([await nameOf(start()), await nameOf(tell("early"))]).toEqual(["IncorrectInstanceState", "IncorrectInstanceState"]);
  await clock.advance(20_000);
  expect([await nameOf(stop()), await state()]).toEqual(["ok", "stopped"]);
  expect(await nameOf(tell("x".repeat(16 * 1024 + 1)))).toBe("InvalidParameterValue");
  await tell("in time");
  ec2.cloud.habits.short.add("c8a.large us-test-1a");
  expect(await nameOf(start())).toBe("InsufficientInstanceCapacity");
  ec2.cloud.habits.short.clear();
  expect((await start()).StartingInstances?.[0]?.CurrentState?.Name).toBe("pending");
  await clock.advance(30_000);
  expect([await nameOf(start()), await state(), ...booted]).toEqual(["ok", "running", "", "in time"]);
  ec2.cloud.terminate(id);
  expect([await nameOf(start()), await nameOf(stop())]).toEqual(["IncorrectInstanceState", "IncorrectInstanceState"]);
});

test("a change of an instance is shown late", async () => {
  const clock = manualWorld();
  await using ec2 = new FakeEc2(clock);
  ec2.cloud.habits.shownAfter = 10_000;
  const client = clientOf(ec2);
  const id = (await client.send(launch("t"))).Instances?.[0]?.InstanceId ?? "";
  await clock.advance(10_000);
  await client.send(new StopInstancesCommand({ InstanceIds: [id] }));
  await client.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: "bmat-worker", Value: "w" }] }));
  const shown = async () => {
    const [{ State, Tags } = {}] = (await client.send(new DescribeInstancesCommand({}))).Reservations?.[0]?.Instances ?? [];
    return [State?.Name, ...(Tags ?? []).map(({ Value }) => Value)];
  };
  expect(await shown()).toEqual(["running"]);
  await clock.advance(10_000);
  expect(await shown()).toEqual(["stopped", "w"]);
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
