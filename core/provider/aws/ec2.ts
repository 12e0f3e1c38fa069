import {
  CreateTagsCommand,
  DescribeImagesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  GetConsoleOutputCommand,
  type Instance,
  ModifyInstanceAttributeCommand,
  paginateDescribeInstances,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StartInstancesCommand,
  type Subnet,
  type Tag,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { type AwsConfig, listOf } from "./config.ts";
import { isShortage } from "./places.ts";

export interface Image {
  name: string;
  state: string;
  /** Name of its root volume. */
  rootDevice: string;
  /** As `uname -m` says it there. */
  machine: string;
}

/** Of each call: with throttled ones, the SDK waits ever longer between them. */
const TRIES = 6;
/** Milliseconds to wait for a connection, and for an answer. */
const CONNECT = 15_000;
const ANSWER = 60_000;
const PAGE = 500;

export function clientOf({ region, endpoint, profile, access_key_id: id, secret_access_key: secret }: AwsConfig): EC2Client {
  const client = new EC2Client({
    region,
    maxAttempts: TRIES,
    requestHandler: { connectionTimeout: CONNECT, requestTimeout: ANSWER, throwOnRequestTimeout: true },
    ...(endpoint ? { endpoint } : {}),
    ...(profile ? { profile } : {}),
    ...(id && secret ? { credentials: { accessKeyId: id, secretAccessKey: secret } } : {}),
  });
  looksElsewhereAtOnce(client);
  return client;
}

/** EC2 says that it lacks capacity as a fault of its own, which the SDK would wait for in the same place. */
function looksElsewhereAtOnce({ config }: EC2Client): void {
  const usual = config.retryStrategy;
  config.retryStrategy = async () => {
    const strategy = await usual();
    if (!("refreshRetryTokenForRetry" in strategy)) return strategy;
    return {
      acquireInitialRetryToken: (scope) => strategy.acquireInitialRetryToken(scope),
      refreshRetryTokenForRetry: async (token, info) => {
        if (isShortage(info.error?.name ?? "")) throw info.error;
        return await strategy.refreshRetryTokenForRetry(token, info);
      },
      recordSuccess: (token) => strategy.recordSuccess(token),
    };
  };
}

/** The calls to EC2 that a factory makes. Errors are the SDK's, with EC2's code as their name. */
export class Ec2 {
  readonly #client: EC2Client;
  readonly #config: AwsConfig;
  #subnets: Promise<{ id: string; zone: string }[]> | undefined;
  readonly #images = new Map<string, Promise<Image>>();

  constructor(config: AwsConfig) {
    this.#config = config;
    this.#client = clientOf(config);
  }

  /** All instances in the VPC that bear the tag; those that were terminated within the last hour too, which are in no VPC any more. */
  async instances(): Promise<Instance[]> {
    const { tag, vpc } = this.#config;
    const found: Instance[] = [];
    const Filters = [{ Name: "tag-key", Values: [tag] }];
    for await (const page of paginateDescribeInstances({ client: this.#client, pageSize: PAGE }, { Filters }))
      for (const { Instances = [] } of page.Reservations ?? []) found.push(...Instances);
    return found.filter(({ VpcId }) => VpcId === undefined || VpcId === vpc);
  }

  /** @returns the one instance */
  async run(input: RunInstancesCommandInput): Promise<Instance> {
    const [instance] = (await this.#client.send(new RunInstancesCommand(input))).Instances ?? [];
    if (!instance) throw new Error("EC2 answered RunInstances without an instance");
    return instance;
  }

  /** Of a stopped instance: what it is to run when it is started. */
  async setUserData(id: string, text: string): Promise<void> {
    const UserData = { Value: Buffer.from(text) };
    await this.#client.send(new ModifyInstanceAttributeCommand({ InstanceId: id, UserData }));
  }

  /** A stopped instance. */
  async start(id: string): Promise<void> {
    await this.#client.send(new StartInstancesCommand({ InstanceIds: [id] }));
  }

  async tag(id: string, tags: Tag[]): Promise<void> {
    await this.#client.send(new CreateTagsCommand({ Resources: [id], Tags: tags }));
  }

  /** Without waiting for its system to shut down. @returns the name of its state */
  async terminate(id: string): Promise<string | undefined> {
    const command = new TerminateInstancesCommand({ InstanceIds: [id], Force: true, SkipOsShutdown: true });
    return (await this.#client.send(command)).TerminatingInstances?.[0]?.CurrentState?.Name;
  }

  /** What it has written to its console, as far as EC2 has it. */
  async console(id: string): Promise<string> {
    const ask = (Latest: boolean) => this.#client.send(new GetConsoleOutputCommand({ InstanceId: id, Latest }));
    // Old types keep no latest output.
    const { Output = "" } = await ask(true).catch(() => ask(false));
    return Buffer.from(Output, "base64").toString("utf8");
  }

  /** The subnets of the config, in its order, with their zones; asked for once. */
  subnets(): Promise<{ id: string; zone: string }[]> {
    const asked = this.#subnets ?? this.#askSubnets();
    this.#subnets = asked;
    asked.catch(() => {
      this.#subnets = undefined;
    });
    return asked;
  }

  async #askSubnets(): Promise<{ id: string; zone: string }[]> {
    const SubnetIds = [...listOf(this.#config.subnet)];
    const { Subnets = [] } = await this.#client.send(new DescribeSubnetsCommand({ SubnetIds }));
    const zoneOf = new Map(Subnets.map(({ SubnetId, AvailabilityZone }: Subnet) => [SubnetId, AvailabilityZone]));
    return SubnetIds.map((id) => ({ id, zone: zoneOf.get(id) ?? id }));
  }

  /** Asked for once. @throws Error where there is none */
  image(ami: string): Promise<Image> {
    const asked = this.#images.get(ami) ?? this.#askImage(ami);
    this.#images.set(ami, asked);
    asked.catch(() => this.#images.delete(ami));
    return asked;
  }

  async #askImage(ami: string): Promise<Image> {
    const [image] = (await this.#client.send(new DescribeImagesCommand({ ImageIds: [ami] }))).Images ?? [];
    if (!image) throw new Error(`EC2 has no image ${ami}`);
    const { Name = ami, State = "in no state", RootDeviceName = "/dev/sda1", Architecture } = image;
    const machine = Architecture === "arm64" ? "aarch64" : "x86_64";
    return { name: Name, state: State, rootDevice: RootDeviceName, machine };
  }

  close(): void {
    this.#client.destroy();
  }
}
