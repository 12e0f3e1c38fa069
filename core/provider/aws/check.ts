import { DescribeKeyPairsCommand, DescribeSecurityGroupsCommand, DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import { reasonOf } from "../../common/errors.ts";
import { type AwsConfig, type AwsTarget, checkConfig, listOf } from "./config.ts";
import { clientOf, Ec2 } from "./ec2.ts";
import { monthlyCost, mostWarm } from "./idle-cost.ts";
import { launchInput, tagsOf } from "./launch.ts";
import { type Core, userDataOf } from "./user-data.ts";

/** What was found, a line each, and how many of the lines say that something is wrong. */
export interface Checked {
  lines: string[];
  wrong: number;
}

const NOBODY = "00000000000000000000000000";

/**
 * Asks EC2 about everything that the config names, and the core for what machines download; would launch each kind of machine if EC2 let it; makes
 * nothing.
 */
export async function checkAws(config: AwsConfig, core: Core): Promise<Checked> {
  checkConfig(config);
  const found: Checked = { lines: [], wrong: 0 };
  const look = async (what: string, at: () => Promise<string>) => {
    try {
      found.lines.push(`ok     ${what}: ${await at()}`);
    } catch (error) {
      found.lines.push(`wrong  ${what}: ${reasonOf(error)}`);
      found.wrong++;
    }
  };
  const ec2 = new Ec2(config);
  await lookAtNetwork(config, look);
  await look(`instances with the tag ${config.tag}`, async () => `${(await ec2.instances()).length} now`);
  for (const [name, target] of Object.entries(config.targets)) await lookAtTarget({ config, name, target, core, ec2 }, look);
  for (const line of warmLines(config)) found.lines.push(`       ${line}`);
  found.lines.push(`       at most ${config.limit_total} machines at once`);
  ec2.close();
  return found;
}

/** What the instances that wait for jobs come to. */
function warmLines({ tag, targets, volume_gb_month: price }: AwsConfig): string[] {
  const lines = Object.entries(targets).flatMap(([name, target]) => {
    const { warm = 0, warm_hours: hours, root_size_gb: size } = target;
    const most = mostWarm(price, target);
    const fewer = most < warm ? ` of ${warm}, as many as warm_max_cost pays for,` : "";
    const when = hours === undefined ? "" : `, ${hours} UTC`;
    const cost = price === undefined ? "" : `, ${(most * monthlyCost(price, target)).toFixed(2)} a month`;
    return most > 0
      ? [`target ${name}: ${most} prepared instances${fewer} wait, with ${most * size} GiB of stopped volumes${when}${cost}`]
      : [];
  });
  if (lines.length > 0)
    lines.push(`they need ec2:StartInstances, ec2:ModifyInstanceAttribute and ec2:CreateTags on what has the tag ${tag} = 1`);
  return lines;
}

type Look = (what: string, at: () => Promise<string>) => Promise<void>;

async function lookAtNetwork(config: AwsConfig, look: Look): Promise<void> {
  const client = clientOf(config);
  for (const id of listOf(config.subnet))
    await look(`subnet ${id}`, async () => {
      const [subnet] = (await client.send(new DescribeSubnetsCommand({ SubnetIds: [id] }))).Subnets ?? [];
      within(config, subnet?.VpcId);
      return `in ${subnet?.AvailabilityZone}, ${subnet?.AvailableIpAddressCount} addresses free`;
    });
  for (const id of listOf(config.security_group))
    await look(`security group ${id}`, async () => {
      const [group] = (await client.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }))).SecurityGroups ?? [];
      within(config, group?.VpcId);
      return group?.GroupName ?? "";
    });
  const { key } = config;
  if (key)
    await look(`key pair ${key}`, async () => {
      await client.send(new DescribeKeyPairsCommand({ KeyNames: [key] }));
      return "there";
    });
  client.destroy();
}

function within({ vpc }: AwsConfig, found: string | undefined): void {
  if (found !== vpc) throw new Error(found ? `it is in ${found}, not in ${vpc}` : "EC2 has none");
}

interface Looked {
  config: AwsConfig;
  name: string;
  target: AwsTarget;
  core: Core;
  ec2: Ec2;
}

async function lookAtTarget({ config, name, target, core, ec2 }: Looked, look: Look): Promise<void> {
  let rootDevice = "";
  await look(`target ${name}, image ${target.ami}`, async () => {
    const image = await ec2.image(target.ami);
    if (image.state !== "available") throw new Error(`it is ${image.state}`);
    rootDevice = image.rootDevice;
    return `${image.name}, ${image.machine}, root volume ${rootDevice} of ${target.root_size_gb} GiB`;
  });
  await look(`target ${name}, what its machines download`, async () => {
    const { machine } = await ec2.image(target.ami);
    // The longest that its machines are given, made of all that they need of the core.
    const script = await userDataOf(core).prepare(target.warm_script ?? "", machine);
    return `an agent for ${machine}, and ${Buffer.byteLength(script)} bytes of user data`;
  });
  for (const type of listOf(target.instance_type))
    for (const subnet of listOf(config.subnet))
      await look(`target ${name}, a ${type}${target.spot ? " (spot)" : ""} in ${subnet}`, async () => {
        const place = { type, subnet, zone: "", spot: target.spot };
        const own = { worker: NOBODY, job: NOBODY, target: name, factory: config.factory ?? core.url };
        const launch = { config, target, place, rootDevice, token: NOBODY, userData: "" };
        await dryRun(ec2, { ...launchInput({ ...launch, tags: tagsOf(config.tag, "check", own) }), DryRun: true });
        return "could be launched";
      });
}

/** EC2 says with an error that it would have done it. */
async function dryRun(ec2: Ec2, input: Parameters<Ec2["run"]>[0]): Promise<void> {
  const error = await ec2.run(input).then(
    () => new Error("EC2 launched it, although it was only asked whether it would"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error) || error.name !== "DryRunOperation") throw error;
}
