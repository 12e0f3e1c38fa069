import { type Static, Type } from "@sinclair/typebox";
import type { FactoryMetadata } from "../../client/operations.ts";
import { BadConfig } from "../../common/config.ts";
import { priorityConfig } from "../priority.ts";
import { HOURS } from "./hours.ts";
import { monthlyCost, mostWarm } from "./idle-cost.ts";

const strict = { additionalProperties: false } as const;
const count = (description: string) => Type.Integer({ minimum: 1, description });
const oneOrMore = (description: string) =>
  Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })], { description });

/** A target's own value stands before the global one; `{ inherit = false }` leaves the global one away. */
const inherit = Type.Object({ inherit: Type.Boolean() }, strict);
const text = Type.Optional(Type.Union([Type.String(), inherit]));

const diagConfig = Type.Optional(
  Type.Object(
    {
      root_password_hash: text,
      root_authorized_keys: text,
      dump_to_rpool: Type.Optional(Type.Union([Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }), inherit])),
      pre_job_diagnostic_script: text,
      post_job_diagnostic_script: text,
      rpool_disable_sync: Type.Optional(Type.Union([Type.Boolean(), inherit])),
    },
    { ...strict, description: "for people who look into a machine, and scripts around the job" },
  ),
);

const targetConfig = Type.Object(
  {
    instance_type: oneOrMore("tried in this order"),
    ami: Type.String({ pattern: "^ami-" }),
    root_size_gb: count("size of the root volume, GiB"),
    volume_type: Type.String({ default: "gp3" }),
    volume_iops: Type.Optional(count("I/O operations a second")),
    volume_throughput: Type.Optional(count("MiB/s, of gp3")),
    encrypted: Type.Boolean({ default: false }),
    spot: Type.Boolean({ default: false }),
    limit: Type.Optional(count("most machines of this target at once")),
    priority: priorityConfig,
    warm: Type.Optional(Type.Integer({ minimum: 0, description: "prepared, stopped instances that wait for a job" })),
    warm_hours: Type.Optional(
      Type.String({ pattern: HOURS, description: "when they are kept, UTC: `Mon-Fri 07:00-19:00, Sat 09:00-12:00`" }),
    ),
    warm_max_idle: Type.Optional(count("hours without a job after which none are kept until the next one")),
    warm_max_cost: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: "most money a month that their volumes cost; fewer are kept where `warm` would cost more",
      }),
    ),
    warm_script: Type.Optional(Type.String({ description: "shell commands that root runs to prepare them" })),
    diag: diagConfig,
  },
  // TypeBox fills in what a record's entries lack only where these have a default themselves.
  { ...strict, default: {} },
);

/** `[aws]`: machines of EC2, each for one job. */
export const awsConfig = Type.Object(
  {
    region: Type.String({ minLength: 1 }),
    access_key_id: Type.Optional(
      Type.String({
        description: "with its secret; without both, the SDK's usual sources are asked: environment, profile, role",
      }),
    ),
    secret_access_key: Type.Optional(Type.String()),
    profile: Type.Optional(Type.String({ description: "of ~/.aws/config, instead of a key" })),
    endpoint: Type.Optional(Type.String({ pattern: "^https?://", description: "of an EC2 that is not Amazon's" })),
    metadata_service: Type.String({
      default: "http://169.254.169.254",
      pattern: "^https?://",
      description: "where spot instances are told that they will be taken back, of an EC2 that is not Amazon's",
    }),
    vpc: Type.String({ pattern: "^vpc-", description: "machines elsewhere are not looked at" }),
    subnet: oneOrMore("tried in this order; several zones help when one has no room"),
    security_group: oneOrMore("of every machine"),
    tag: Type.String({ minLength: 1, maxLength: 100, description: "key of the tag by which the factory knows its machines" }),
    factory: Type.Optional(
      Type.String({ description: "tells this factory from others that use the same tag; unless told, the core's address" }),
    ),
    key: Type.Optional(Type.String({ description: "name of an EC2 key pair" })),
    public_ip: Type.Boolean({ default: false }),
    limit_total: count("most machines at once"),
    volume_gb_month: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: "price of a GiB of a volume for a month: what prepared instances cost" }),
    ),
    diag: diagConfig,
    targets: Type.Record(Type.String(), targetConfig, {
      minProperties: 1,
      description: "by name, the targets whose jobs run here",
    }),
  },
  { ...strict, description: "Machines of EC2; [ec2.md](ec2.md) tells about each key." },
);

export type AwsConfig = Static<typeof awsConfig>;
export type AwsTarget = Static<typeof targetConfig>;

/** What the schema cannot say. @throws BadConfig */
export function checkConfig(config: AwsConfig): void {
  checkCredentials(config);
  for (const [name, target] of Object.entries(config.targets)) checkIdleCost(config, name, target);
  if (config.limit_total < 2 && Object.values(config.targets).some(({ warm = 0 }) => warm > 0))
    throw new BadConfig("aws: warm needs a limit_total of 2 at least: one machine is prepared while there is room for a job");
}

function checkCredentials({ access_key_id: id, secret_access_key: secret, profile }: AwsConfig): void {
  if ((id === undefined) !== (secret === undefined))
    throw new BadConfig("aws: access_key_id and secret_access_key belong together: give both or neither");
  if (id !== undefined && profile !== undefined) throw new BadConfig("aws: give either a key or a profile, not both");
}

function checkIdleCost({ volume_gb_month: price }: AwsConfig, name: string, target: AwsTarget): void {
  const { warm = 0, warm_max_cost: most } = target;
  if (most === undefined) return;
  if (price === undefined)
    throw new BadConfig(`aws: warm_max_cost of target ${name} needs volume_gb_month, what a GiB of a volume costs a month`);
  const each = monthlyCost(price, target).toFixed(2);
  if (warm > 0 && mostWarm(price, target) === 0)
    throw new BadConfig(
      `aws: one prepared instance of target ${name} costs ${each} a month, more than its warm_max_cost of ${most}`,
    );
}

export const listOf = (value: string | readonly string[]): readonly string[] => (typeof value === "string" ? [value] : value);

/** What the agents of a target are told, the global `diag` filled in. */
export function metadataOf(
  { diag = {}, metadata_service }: AwsConfig,
  { diag: own = {} }: AwsTarget,
  spot: boolean,
): FactoryMetadata {
  return {
    v: "1",
    addresses: [],
    root_password_hash: chosen(own.root_password_hash, diag.root_password_hash),
    root_authorized_keys: chosen(own.root_authorized_keys, diag.root_authorized_keys),
    dump_to_rpool: chosen(own.dump_to_rpool, diag.dump_to_rpool),
    pre_job_diagnostic_script: chosen(own.pre_job_diagnostic_script, diag.pre_job_diagnostic_script),
    post_job_diagnostic_script: chosen(own.post_job_diagnostic_script, diag.post_job_diagnostic_script),
    rpool_disable_sync: chosen(own.rpool_disable_sync, diag.rpool_disable_sync),
    ...(spot ? { interruption_notices: metadata_service } : {}),
  };
}

type Choice<T> = T | { inherit: boolean } | undefined;

function chosen<T extends string | number | boolean>(own: Choice<T>, global: Choice<T>): T | null {
  if (typeof own === "object" && !own.inherit) return null;
  const value = own === undefined || typeof own === "object" ? global : own;
  return value === undefined || typeof value === "object" ? null : value;
}
