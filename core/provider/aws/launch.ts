import type { _InstanceType, Instance, RunInstancesCommandInput, Tag } from "@aws-sdk/client-ec2";
import { type AwsConfig, type AwsTarget, listOf } from "./config.ts";
import type { Place } from "./places.ts";

export interface Launch {
  config: AwsConfig;
  target: AwsTarget;
  place: Place;
  /** The image's own name of its root volume. */
  rootDevice: string;
  /** Of the instance, its volumes and network interfaces. */
  tags: Tag[];
  userData: string;
  /** The same launch asked for twice makes one machine. */
  token: string;
}

/** The tags of a factory's machines, after the key that the config gives: `buildomat`, `buildomat-worker_id` ... */
export const TAGS = {
  worker: "worker_id",
  job: "lease_id",
  target: "target",
  factory: "factory",
  pool: "pool",
} as const;

export const nodeName = (worker: string): string => `w-${worker.toLowerCase()}`;

/** What EC2 is asked for one machine. */
export function launchInput(launch: Launch): RunInstancesCommandInput {
  const { config, target, place, rootDevice, tags, userData, token } = launch;
  return {
    MinCount: 1,
    MaxCount: 1,
    ClientToken: token,
    ImageId: target.ami,
    // The SDK lists the types that it knows; EC2 has newer ones.
    InstanceType: place.type as _InstanceType,
    ...(config.key ? { KeyName: config.key } : {}),
    ...(place.spot ? { InstanceMarketOptions: { MarketType: "spot", SpotOptions: { SpotInstanceType: "one-time" } } } : {}),
    BlockDeviceMappings: [{ DeviceName: rootDevice, Ebs: volumeOf(target) }],
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        SubnetId: place.subnet,
        AssociatePublicIpAddress: config.public_ip,
        Groups: [...listOf(config.security_group)],
        DeleteOnTermination: true,
      },
    ],
    // A container of a job is one hop further away, and gets no answer.
    MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
    UserData: Buffer.from(userData).toString("base64"),
    TagSpecifications: (["instance", "volume", "network-interface"] as const).map((ResourceType) => ({
      ResourceType,
      Tags: tags,
    })),
  };
}

const volumeOf = (target: AwsTarget) => ({
  VolumeSize: target.root_size_gb,
  VolumeType: target.volume_type as "gp3",
  DeleteOnTermination: true,
  ...(target.volume_iops ? { Iops: target.volume_iops } : {}),
  ...(target.volume_throughput ? { Throughput: target.volume_throughput } : {}),
  ...(target.encrypted ? { Encrypted: true } : {}),
});

/** @param name of the instance, as people see it */
export const tagsOf = (tag: string, name: string, own: { [key in keyof typeof TAGS]?: string }): Tag[] => [
  { Key: "Name", Value: name },
  { Key: tag, Value: "1" },
  ...Object.entries(own).map(([key, Value]) => ({ Key: `${tag}-${TAGS[key as keyof typeof TAGS]}`, Value })),
];

/** Reads the tags of an instance. */
export function tagOf(tag: string, { Tags = [] }: Instance): (name: keyof typeof TAGS) => string | undefined {
  const all = new Map(Tags.map(({ Key, Value = "" }) => [Key, Value]));
  return (name) => all.get(`${tag}-${TAGS[name]}`);
}

/** Where an instance is. */
export const placeOf = ({ InstanceType, SubnetId, Placement, InstanceLifecycle }: Instance): Place => ({
  type: InstanceType ?? "",
  subnet: SubnetId ?? "",
  zone: Placement?.AvailabilityZone ?? "",
  spot: InstanceLifecycle === "spot",
});

/** What tells one kind of machine from another, whatever job it gets. */
export const kindOf = ({ subnet, security_group, key, public_ip }: AwsConfig, target: AwsTarget) => ({
  ...{ subnet, security_group, key, public_ip },
  ...{ types: target.instance_type, ami: target.ami, volume: volumeOf(target) },
});
