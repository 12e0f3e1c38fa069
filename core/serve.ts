import { readFileSync } from "node:fs";
import { reasonOf } from "./common/errors.ts";
import type { Logger } from "./common/logger.ts";
import { newToken, type World } from "./common/world.ts";
import type { Config } from "./config.ts";
import { ensureFactory } from "./factory/factory.ts";
import { hashToken } from "./http/bearer.ts";
import { type RunningFactory, startSandboxFactory } from "./provider/sandbox/embed.ts";
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

/** The server, with the sandbox factory inside it where the config names one. @throws an Error with one clear sentence */
export async function startService(config: Config, options: ServeOptions): Promise<Service> {
  const server = await startServer(config, options);
  try {
    const factory = await startEmbedded(server, config, options);
    return {
      url: server.url,
      isolation: factory?.description,
      failed: Promise.race([server.failed, ...(factory ? [factory.failed] : [])]),
      async stop() {
        await factory
          ?.stop()
          .catch((error: unknown) => options.logger.error(`the sandbox factory did not stop: ${reasonOf(error)}`, { error }));
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Serves until SIGINT or SIGTERM, or until a part of it fails. */
export async function serve(config: Config, options: ServeOptions): Promise<void> {
  const stopping = Promise.withResolvers<string>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.resolve(signal));
  const service = await startService(config, options);
  try {
    options.logger.info("stopping", { why: await Promise.race([stopping.promise, service.failed]) });
  } finally {
    await service.stop();
  }
  options.logger.info("stopped");
}

/** The sandbox factory inside the server speaks HTTP like any other; its token is new at every start and kept nowhere. */
async function startEmbedded({ core, url }: Server, config: Config, options: ServeOptions): Promise<RunningFactory | undefined> {
  if (!config.sandbox) return undefined;
  const { agent: agentBinary, baseurl = url } = config.general;
  if (!agentBinary) throw new Error("a sandbox needs the compiled agent: set general.agent in the configuration");
  const { world, logger, configFile } = options;
  const token = newToken(world, 64);
  ensureFactory(core, "sandbox", hashToken(token));
  for (const name of Object.keys(config.sandbox.targets))
    if (!targetNamed(core, name)) createTarget(core, name, "sandbox on the server's own host");
  return await startSandboxFactory({
    world,
    logger: logger.with({ part: "sandbox" }),
    config: config.sandbox,
    url: baseurl,
    token,
    ca: config.tls?.authority === undefined ? undefined : readFileSync(config.tls.authority, "utf8"),
    agentBinary,
    hidden: [configFile, config.general.data],
  });
}
