import { type Cloud, Ec2Error, type Instance, tagsFor, tagsOf, type View } from "./cloud.ts";
import { listIn, type Parameters, partOf, textOf, textsIn } from "./query.ts";
import type { Xml } from "./xml.ts";

type Action = (cloud: Cloud, asked: Parameters) => { [name: string]: Xml };

/** By name, what the fake can do. @throws Ec2Error */
export const ACTIONS: Record<string, Action> = {
  RunInstances: (cloud, asked) => {
    const nic = partOf(partOf(asked["NetworkInterface"])["1"]);
    for (const group of textsIn(nic["SecurityGroupId"]))
      if (!cloud.groups.has(group)) throw new Ec2Error("InvalidGroup.NotFound", `The security group '${group}' does not exist`);
    const instance = cloud.launch(
      {
        type: textOf(asked["InstanceType"]) ?? "m1.small",
        image: textOf(asked["ImageId"]) ?? "",
        subnet: textOf(nic["SubnetId"]) ?? "",
        spot: textOf(partOf(asked["InstanceMarketOptions"])["MarketType"]) === "spot",
        tags: tagsFor("instance", asked),
        userData: userDataIn(asked["UserData"]),
        request: asked,
      },
      textOf(asked["ClientToken"]),
    );
    return {
      reservationId: `r-${instance.id}`,
      ownerId: "000000000000",
      instancesSet: [describe(cloud, { ...instance, state: cloud.stateOf(instance) })],
    };
  },

  DescribeInstances: (cloud, asked) => {
    const filters = listIn(asked["Filter"]).map(partOf);
    const ids = textsIn(asked["InstanceId"]);
    if (ids.length > 0) for (const id of ids) cloud.find(id);
    const all = cloud
      .shown()
      .filter((instance) => ids.length === 0 || ids.includes(instance.id))
      .filter((instance) => filters.every((filter) => passes(cloud, instance, filter)));
    const from = Number(textOf(asked["NextToken"]) ?? 0);
    const to = from + Math.min(cloud.habits.page, Number(textOf(asked["MaxResults"]) ?? 1000));
    return {
      reservationSet: all.slice(from, to).map((instance) => ({
        reservationId: `r-${instance.id}`,
        ownerId: "000000000000",
        instancesSet: [describe(cloud, instance)],
      })),
      nextToken: to < all.length ? String(to) : undefined,
    };
  },

  TerminateInstances: (cloud, asked) => ({
    instancesSet: textsIn(asked["InstanceId"]).map((id) => {
      const previousState = stateXml(cloud.stateOf(cloud.find(id)));
      return { instanceId: id, currentState: stateXml(cloud.stateOf(cloud.terminate(id))), previousState };
    }),
  }),

  DescribeInstanceAttribute: (cloud, asked) => {
    const { id, userData } = cloud.find(textOf(asked["InstanceId"]) ?? "");
    return { instanceId: id, userData: { value: Buffer.from(userData).toString("base64") } };
  },

  StopInstances: (cloud, asked) => switched(cloud, asked, (instance) => cloud.halt(instance)),

  StartInstances: (cloud, asked) => switched(cloud, asked, (instance) => cloud.start(instance)),

  ModifyInstanceAttribute: (cloud, asked) => {
    const instance = cloud.find(textOf(asked["InstanceId"]) ?? "");
    const value = partOf(asked["UserData"])["Value"];
    if (value === undefined) throw new Ec2Error("InvalidParameterCombination", "No attributes specified.");
    refuseDryRun(asked);
    cloud.setUserData(instance, userDataIn(value));
    return { return: true };
  },

  CreateTags: (cloud, asked) => {
    const ids = textsIn(asked["ResourceId"]);
    for (const id of ids) if (!id.startsWith("i-")) throw new Ec2Error("InvalidID", `The ID '${id}' is not valid`);
    const instances = ids.map((id) => cloud.find(id));
    refuseDryRun(asked);
    for (const instance of instances) cloud.tag(instance, tagsOf(asked["Tag"]));
    return { return: true };
  },

  GetConsoleOutput: (cloud, asked) => {
    const { id, console } = cloud.find(textOf(asked["InstanceId"]) ?? "");
    const timestamp = new Date(cloud.world.now()).toISOString();
    return { instanceId: id, timestamp, output: Buffer.from(console).toString("base64") };
  },

  DescribeSubnets: (cloud, asked) => ({
    subnetSet: named(textsIn(asked["SubnetId"]), cloud.subnets, "InvalidSubnetID.NotFound").map(([id, zone]) => ({
      subnetId: id,
      vpcId: cloud.vpc,
      availabilityZone: zone,
      availableIpAddressCount: 251,
      state: "available",
    })),
  }),

  DescribeImages: (cloud, asked) => ({
    imagesSet: named(textsIn(asked["ImageId"]), cloud.images, "InvalidAMIID.NotFound").map(([id, image]) => ({
      imageId: id,
      name: image.name,
      imageState: "available",
      architecture: image.architecture,
      rootDeviceType: "ebs",
      rootDeviceName: image.rootDevice,
    })),
  }),

  DescribeSecurityGroups: (cloud, asked) => ({
    securityGroupInfo: named(textsIn(asked["GroupId"]), cloud.groups, "InvalidGroup.NotFound").map(([id, name]) => ({
      groupId: id,
      groupName: name,
      vpcId: cloud.vpc,
    })),
  }),

  DescribeKeyPairs: (cloud, asked) => ({
    keySet: textsIn(asked["KeyName"]).map((keyName) => {
      if (!cloud.keys.has(keyName)) throw new Ec2Error("InvalidKeyPair.NotFound", `The key pair '${keyName}' does not exist`);
      return { keyName };
    }),
  }),
};

/** All of the instances, or none. @throws Ec2Error */
function switched(cloud: Cloud, asked: Parameters, move: (instance: Instance) => void) {
  const instances = textsIn(asked["InstanceId"]).map((id) => cloud.find(id));
  refuseDryRun(asked);
  const instancesSet = instances.map((instance) => {
    const previousState = stateXml(cloud.stateOf(instance));
    move(instance);
    return { instanceId: instance.id, currentState: stateXml(cloud.stateOf(instance)), previousState };
  });
  return { instancesSet };
}

function refuseDryRun(asked: Parameters): void {
  if (textOf(asked["DryRun"]) === "true")
    throw new Ec2Error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
}

const MOST_USER_DATA = 16 * 1024;

/** @throws Ec2Error when it is too long */
function userDataIn(value: Parameters[string] | undefined): string {
  const text = Buffer.from(textOf(value) ?? "", "base64");
  if (text.length > MOST_USER_DATA)
    throw new Ec2Error("InvalidParameterValue", `User data is limited to ${MOST_USER_DATA} bytes`);
  return text.toString();
}

/** @throws Ec2Error naming the first that is missing */
function named<T>(ids: readonly string[], all: ReadonlyMap<string, T>, code: string): [string, T][] {
  return ids.map((id) => {
    const found = all.get(id);
    if (found === undefined) throw new Ec2Error(code, `The ID '${id}' does not exist`);
    return [id, found];
  });
}

function passes(cloud: Cloud, instance: View, filter: Parameters): boolean {
  const values = textsIn(filter["Value"]);
  const name = textOf(filter["Name"]) ?? "";
  if (name === "tag-key") return Object.keys(instance.tags).some((key) => values.includes(key));
  if (name === "vpc-id") return instance.state !== "terminated" && values.includes(cloud.vpc);
  throw new Ec2Error("InvalidParameterValue", `The filter '${name}' is invalid`);
}

const CODES = { pending: 0, running: 16, "shutting-down": 32, terminated: 48, stopping: 64, stopped: 80 };
const stateXml = (name: keyof typeof CODES) => ({ code: CODES[name], name });

function describe(cloud: Cloud, instance: View): Xml {
  const why = instance.state === "pending" ? "pending" : instance.why;
  const metadata = partOf(instance.request["MetadataOptions"]);
  // One that is terminated has no network interface any more, and with it no place in the network.
  const network =
    instance.state === "terminated" ? {} : { privateIpAddress: instance.ip, subnetId: instance.subnet, vpcId: cloud.vpc };
  return {
    instanceId: instance.id,
    imageId: instance.image,
    instanceState: stateXml(instance.state),
    instanceType: instance.type,
    launchTime: new Date(instance.launched).toISOString(),
    placement: { availabilityZone: instance.zone, tenancy: "default" },
    ...network,
    stateReason: why === undefined ? undefined : { code: why, message: why },
    instanceLifecycle: instance.spot ? "spot" : undefined,
    keyName: textOf(instance.request["KeyName"]),
    metadataOptions: {
      httpTokens: textOf(metadata["HttpTokens"]) ?? "optional",
      httpPutResponseHopLimit: textOf(metadata["HttpPutResponseHopLimit"]) ?? "1",
    },
    tagSet: Object.entries(instance.tags).map(([key, value]) => ({ key, value })),
  };
}
