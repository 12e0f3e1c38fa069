import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { tagsFor } from "../../../test/fake/ec2/cloud.ts";
import { passing, until } from "../fixture/until.ts";
import { awsTarget, endScenes, J1, J2, J3, MINUTE, scene } from "./fixture/scene.ts";

// The SDK waits in real time before it tries a throttled call again.
setDefaultTimeout(30_000);

afterEach(endScenes);

describe("a leased job", () => {
  test("gets an instance as the config has it, which is announced before its agent can come", async () => {
    const { core, cloud, start, lease } = scene({
      security_group: ["sg-0a"],
      key: "operator",
      public_ip: true,
      diag: { root_authorized_keys: "ssh-ed25519 AAAA", root_password_hash: "x" },
      targets: {
        default: {
          ...awsTarget,
          volume_type: "io2",
          volume_iops: 5000,
          encrypted: true,
          diag: { root_password_hash: { inherit: false } },
        },
      },
    });
    start();
    lease(J1);
    await until(() => [...core.workers.values()].some((worker) => worker.private !== null));
    const [instance] = cloud.living();
    const [worker] = core.workers.values();
    expect(worker?.private).toBe(instance?.id ?? "");
    const tags = {
      Name: `w-${worker?.id.toLowerCase()}`,
      bmat: "1",
      "bmat-worker_id": worker?.id ?? "",
      "bmat-lease_id": J1,
      "bmat-target": "default",
      "bmat-factory": "this",
    };
    const request = instance?.request ?? {};
    for (const kind of ["instance", "volume", "network-interface"]) expect(tagsFor(kind, request)).toEqual(tags);
    expect(request).toMatchObject({
      MinCount: "1",
      MaxCount: "1",
      ImageId: "ami-0a",
      InstanceType: "c8a.large",
      KeyName: "operator",
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: "1" },
      BlockDeviceMapping: {
        "1": { DeviceName: "/dev/xvda", Ebs: { VolumeSize: "20", VolumeType: "io2", Iops: "5000", Encrypted: "true" } },
      },
      NetworkInterface: {
        "1": { DeviceIndex: "0", SubnetId: "subnet-0a", AssociatePublicIpAddress: "true", SecurityGroupId: { "1": "sg-0a" } },
      },
    });
    expect(core.bodies[core.calls.indexOf(`PATCH worker/${worker?.id}`)]).toEqual({
      private: instance?.id,
      ip: instance?.ip,
      metadata: {
        v: "1",
        addresses: [],
        root_password_hash: null,
        root_authorized_keys: "ssh-ed25519 AAAA",
        dump_to_rpool: null,
        pre_job_diagnostic_script: null,
        post_job_diagnostic_script: null,
        rpool_disable_sync: null,
      },
      details: { instance_type: "c8a.large", zone: "us-test-1a", image: "ami-0a", market: "on demand" },
    });
  });

  test("is launched along with others, but no more than limit_total", async () => {
    const { core, cloud, start, lease, looks } = scene({ limit_total: 2 });
    cloud.habits.shownAfter = MINUTE;
    start();
    lease(J1, J2, J3);
    await until(() => cloud.living().length === 2);
    await looks(3);
    expect(cloud.living().length).toBe(2);
    expect(core.queue.map(({ job }) => job)).toEqual([J3]);
    expect(core.calls).toContain("GET ping");
  });

  test("gets one instance only when EC2's answer was lost", async () => {
    const { core, cloud, ec2, start, lease } = scene();
    cloud.habits.lost.set("RunInstances", 2);
    start();
    lease(J1);
    await until(() => [...core.workers.values()].some((worker) => worker.private !== null));
    expect(ec2.calls.filter((call) => call === "RunInstances ok").length).toBe(3);
    expect(cloud.living().length).toBe(1);
  });

  test("gets its instance although EC2 throttles", async () => {
    const { cloud, start, lease } = scene();
    cloud.habits.throttled.set("RunInstances", 1).set("DescribeInstances", 1);
    start();
    lease(J1);
    await until(() => cloud.living().length === 1);
  });

  test("leaves no worker behind where EC2 refuses the instance", async () => {
    const { core, cloud, said, start, lease } = scene();
    cloud.habits.refused.set("RunInstances", "UnauthorizedOperation");
    start();
    lease(J1);
    await until(() => core.deeds.some((deed) => deed.startsWith("DELETE worker/")));
    expect(core.workers.size).toBe(0);
    expect(said.join()).toContain("no machine could be made");
  });
});

describe("capacity", () => {
  const types = { default: { ...awsTarget, instance_type: ["c8a.large", "c7a.large"], spot: true } };

  test("is looked for on the spot market first, then on demand, type by type and zone by zone", async () => {
    const { cloud, ec2, start, lease } = scene({ targets: types });
    for (const type of ["c8a.large", "c7a.large"])
      for (const zone of ["us-test-1a", "us-test-1b"]) cloud.habits.short.add(`${type} ${zone} spot`).add(`c8a.large ${zone}`);
    start();
    lease(J1);
    await until(() => cloud.living().length === 1);
    const [{ type, zone, spot } = { type: "", zone: "", spot: true }] = cloud.living();
    expect({ type, zone, spot }).toEqual({ type: "c7a.large", zone: "us-test-1a", spot: false });
    expect(ec2.calls.filter((call) => call === "RunInstances InsufficientInstanceCapacity").length).toBe(6);
  });

  test("that EC2 finds it lacks only after the launch is not asked for there again for a while, and the log says why", async () => {
    const { clock, core, cloud, start, lease } = scene();
    cloud.habits.stillborn = "Server.InsufficientInstanceCapacity";
    start();
    lease(J1);
    await until(() => cloud.instances.size === 1);
    await passing(clock, () => core.deeds.some((deed) => deed.startsWith("DELETE worker/")));
    const said = core.bodies[core.calls.findIndex((call) => call.includes("/append"))];
    expect(said).toMatchObject([{ stream: "console", payload: "Server.InsufficientInstanceCapacity" }]);
    delete cloud.habits.stillborn;
    lease(J1);
    await passing(clock, () => cloud.living().length === 1);
    expect(cloud.living().map(({ zone }) => zone)).toEqual(["us-test-1b"]);
  });

  test("that a quota withholds is asked for once, whatever the zone, and again as soon as a machine has ended", async () => {
    const { clock, core, cloud, ec2, pair, start, lease, looks } = scene();
    const { worker, machine } = pair();
    cloud.habits.refused.set("RunInstances", "VcpuLimitExceeded");
    start();
    lease(J1);
    const refusals = () => ec2.calls.filter((call) => call === "RunInstances VcpuLimitExceeded").length;
    await passing(clock, () => core.deeds.some((deed) => deed.startsWith("DELETE worker/")));
    await looks(2);
    expect(refusals()).toBe(1);
    cloud.habits.refused.clear();
    const began = clock.now();
    worker.recycle = true;
    core.changed();
    await passing(clock, () => machine.ended !== undefined && cloud.living().length === 1);
    expect(clock.now() - began).toBeLessThan(MINUTE);
  });

  test("that was not there is not asked for again for a while", async () => {
    const { clock, cloud, ec2, start, lease } = scene();
    cloud.habits.short.add("c8a.large us-test-1a");
    start();
    lease(J1);
    await until(() => cloud.living().length === 1);
    lease(J2);
    await until(() => cloud.living().length === 2);
    const short = () => ec2.calls.filter((call) => call.endsWith("InsufficientInstanceCapacity")).length;
    expect(short()).toBe(1);
    await clock.advance(2 * MINUTE);
    lease(J3);
    await until(() => cloud.living().length === 3);
    expect(short()).toBe(2);
  });

  test("that is nowhere lets the job wait, and the factory asks for no work that it cannot do", async () => {
    const { clock, core, cloud, start, lease, looks } = scene();
    cloud.habits.short.add("c8a.large us-test-1a").add("c8a.large us-test-1b");
    start();
    lease(J1);
    await until(() => core.deeds.some((deed) => deed.startsWith("DELETE worker/")));
    // The question that was open meanwhile has ended.
    await clock.advance(25_000);
    await looks(1);
    expect(core.queue.map(({ job }) => job)).toEqual([J1]);
    cloud.habits.short.clear();
    await passing(clock, () => cloud.living().length === 1);
    expect(core.workers.size).toBe(1);
  });
});
