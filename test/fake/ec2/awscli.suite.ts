import { expect, test } from "bun:test";
import { realWorld } from "../../../core/common/world.ts";
import { ACCESS_KEY, FakeEc2 } from "./fake.ts";

// Run by scripts/conformance, which has AWS' own command line (`aws`), of another hand than the client that we use.

test("AWS' command line launches, finds page by page, stops, starts, terminates, and is refused", async () => {
  await using ec2 = new FakeEc2(realWorld());
  ec2.cloud.habits.page = 1;
  const aws = async (...words: string[]) => {
    const keys = { AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: "s" };
    const env = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", AWS_PAGER: "", ...keys };
    const where = ["--endpoint-url", ec2.url, "--region", "us-test-1", "--output", "json"];
    const program = Bun.spawn(["aws", "ec2", ...words, ...where], { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    const [out, err, code] = await Promise.all([
      new Response(program.stdout).text(),
      new Response(program.stderr).text(),
      program.exited,
    ]);
    return { out: code === 0 && out !== "" ? JSON.parse(out) : undefined, err };
  };
  const run = ["run-instances", "--image-id", "ami-0a", "--instance-type", "c7a.large"];
  const where = ["--network-interfaces", "DeviceIndex=0,SubnetId=subnet-0a,Groups=sg-0a"];
  const tags = ["--tag-specifications", "ResourceType=instance,Tags=[{Key=bmat,Value=1}]"];
  const ids: string[] = [];
  for (let made = 0; made < 2; made++) ids.push((await aws(...run, ...where, ...tags)).out.Instances[0].InstanceId);
  const { out } = await aws("describe-instances", "--filters", "Name=tag-key,Values=bmat");
  expect(out.Reservations.map((one: { Instances: { InstanceId: string }[] }) => one.Instances[0]?.InstanceId)).toEqual(ids);
  expect(out.Reservations[0].Instances[0]).toMatchObject({ State: { Name: "running" }, Tags: [{ Key: "bmat", Value: "1" }] });
  const [first = ""] = ids;
  expect((await aws("start-instances", "--instance-ids", first)).out.StartingInstances[0].CurrentState.Name).toBe("running");
  const tell = ["modify-instance-attribute", "--instance-id", first, "--user-data"];
  expect((await aws(...tell, "Value=echo early")).err).toContain("IncorrectInstanceState");
  expect((await aws("stop-instances", "--instance-ids", first)).out.StoppingInstances[0].CurrentState.Name).toBe("stopped");
  await aws(...tell, "Value=echo told");
  expect(ec2.cloud.instances.get(first)?.userData).toBe("echo told");
  await aws("create-tags", "--resources", first, "--tags", "Key=bmat-pool,Value=a");
  expect(ec2.cloud.instances.get(first)?.tags).toEqual({ bmat: "1", "bmat-pool": "a" });
  expect((await aws("create-tags", "--resources", "sir-0", "--tags", "Key=a,Value=b")).err).toContain("InvalidID");
  expect((await aws("start-instances", "--instance-ids", first)).out.StartingInstances[0].PreviousState.Name).toBe("stopped");
  expect((await aws("terminate-instances", "--instance-ids", ...ids)).out.TerminatingInstances[1].CurrentState.Name).toBe(
    "terminated",
  );
  ec2.cloud.habits.short.add("c7a.large us-test-1a");
  expect((await aws(...run, ...where)).err).toContain("InsufficientInstanceCapacity");
});
