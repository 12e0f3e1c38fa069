import { readFileSync } from "node:fs";
import { agentsOf } from "./agent-binary/agents.ts";
import { agentFor } from "./common/agent-program.ts";
import { reasonOf } from "./common/errors.ts";
import type { Logger } from "./common/logger.ts";
import { serveUntilTold } from "./common/serving.ts";
import { newToken, type World } from "./common/world.ts";
import type { Config } from "./config.ts";
import type { Core } from "./core.ts";
import { ensureFactory } from "./factory/factory.ts";
import { hashToken } from "./http/bearer.ts";
import type { RunningFactory } from "./provider/running.ts";
import { startSandboxFactory } from "./provider/sandbox/embed.ts";
import { type Server, startServer } from "./server.ts";
import { createTarget, targetNamed } from "./target/target.ts";

export interface ServeOptions {
  world: World;
  logger: Logger;
  /** Must not be seen by jobs. */
  configFile: string;
}

export interface Service {
  readonly url: string;
  /** What isolates jobs here; undefined without a sandbox. */
  readonly isolation: string | undefined;
  /** Rejects when a part that must never end has ended. */
  readonly failed: Promise<never>;
  /** Ends machines, requests and databases; nothing is left behind. */
  stop(): Promise<void>;
}

/** The server, with the factories inside it that the config names. @throws an Error with one clear sentence */
export async function startService(config: Config, options: ServeOptions): Promise<Service> {
  const server = await startServer(config, options);
  const factories: RunningFactory[] = [];
  const stop = async () => {
    const failed = (error: unknown) => options.logger.error(`a factory did not stop: ${reasonOf(error)}`, { error });
    await Promise.all(factories.map((factory) => factory.stop().catch(failed)));
    await server.stop();
  };
  try {
    const sandbox = await startSandbox(server, config, options);
    if (sandbox) factories.push(sandbox);
    const aws = await startAws(server, config, options);
    if (aws) factories.push(aws);
    const failed = Promise.race([server.failed, ...factories.map((factory) => factory.failed)]);
    return { url: server.url, isolation: sandbox?.description, failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Serves until SIGINT or SIGTERM, or until a part of it fails. */
export const serve = (config: Config, options: ServeOptions): Promise<void> =>
  serveUntilTold(() => startService(config, options), options.logger);

/** A factory inside the server speaks HTTP like any other; its token is new at every start, and whenever it was rotated, and kept nowhere. */
async function startSandbox({ core, url }: Server, config: Config, options: ServeOptions): Promise<RunningFactory | undefined> {
  if (!config.sandbox) return undefined;
  const { baseurl = url } = config.general;
  const agentBinary = agentFor(process.arch, agentsOf(config.general));
  if (!agentBinary)
    throw new Error(`a sandbox needs the compiled agent, for ${process.arch}: set general.agent in the configuration`);
  const { world, logger, configFile } = options;
  const access = admit(core, world, "sandbox", Object.keys(config.sandbox.targets), "sandbox on the server's own host");
  return await startSandboxFactory({
    world,
    logger: logger.with({ part: "sandbox" }),
    config: config.sandbox,
    url: baseurl,
    ...access,
    ca: authorityOf(config),
    agentBinary,
    hidden: [configFile, config.general.data],
  });
}

async function startAws({ core, url }: Server, config: Config, options: ServeOptions): Promise<RunningFactory | undefined> {
  if (!config.aws) return undefined;
  const { world, logger } = options;
  const access = admit(core, world, "aws", Object.keys(config.aws.targets), "instances of EC2");
  // The SDK is large, and only wanted here.
  const { startAwsFactory } = await import("./provider/aws/embed.ts");
  return startAwsFactory({
    world,
    logger: logger.with({ part: "aws" }),
    config: config.aws,
    url: config.general.baseurl ?? url,
    ...access,
    ca: authorityOf(config),
  });
}

/** Lets in a factory of this process, again and again where its token is taken from it, and makes its targets. */
function admit(core: Core, world: World, factory: string, targets: readonly string[], about: string) {
  const renew = () => {
    const token = newToken(world, 64);
    ensureFactory(core, factory, hashToken(token));
    return token;
  };
  const token = renew();
  for (const name of targets) if (!targetNamed(core, name)) createTarget(core, name, about);
  return { token, renew };
}

const authorityOf = ({ tls }: Config) => (tls?.authority === undefined ? undefined : readFileSync(tls.authority, "utf8"));
