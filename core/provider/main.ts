import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { BadConfig, readConfig } from "../common/config.ts";
import { reasonOf } from "../common/errors.ts";
import { createLogger } from "../common/logger.ts";
import { realWorld } from "../common/world.ts";
import { factoryConfig } from "./config.ts";
import { startSandboxFactory } from "./sandbox/embed.ts";

const USAGE = `Usage: buildomat-factory --config factory.toml

Makes machines on this host for the jobs of a core elsewhere.

Options:
    --config FILE    configuration; see docs/sandbox.md
    --verbose        log everything
    --help           this text
`;

class UsageError extends Error {}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      config: { type: "string", short: "f" },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  if (!values.config) throw new UsageError("missing --config FILE");
  const { core, agent, sandbox } = readConfig(factoryConfig, values.config);
  const stopping = Promise.withResolvers<string>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.resolve(signal));
  const logger = createLogger({ level: values.verbose ? "debug" : "info" });
  const factory = await startSandboxFactory({
    world: realWorld(),
    logger,
    config: sandbox,
    url: core.url,
    token: core.token,
    ca: core.authority === undefined ? undefined : readFileSync(core.authority, "utf8"),
    agentBinary: agent,
    hidden: [values.config],
  });
  try {
    logger.info("stopping", { why: await Promise.race([stopping.promise, factory.failed]) });
  } finally {
    await factory.stop();
  }
  logger.info("stopped");
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  process.stderr.write(`buildomat-factory: ${reasonOf(error)}\n${usage ? `\n${USAGE}` : ""}`);
  process.exit(usage || error instanceof BadConfig ? 2 : 1);
}
