import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { BadConfig, readConfig } from "../common/config.ts";
import { reasonOf } from "../common/errors.ts";
import { createLogger, type Logger } from "../common/logger.ts";
import { realWorld } from "../common/world.ts";
import { type FactoryConfig, factoryConfig } from "./config.ts";
import type { RunningFactory } from "./running.ts";
import { startSandboxFactory } from "./sandbox/embed.ts";

const USAGE = `Usage: buildomat-factory --config factory.toml

Makes machines for the jobs of a core elsewhere: sandboxes on this host, or instances of EC2.

Options:
    --config FILE    configuration; see docs/sandbox.md and docs/ec2.md
    --check          ask EC2 whether the configuration would work, and make nothing
    --verbose        log everything
    --help           this text
`;

class UsageError extends Error {}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      config: { type: "string", short: "f" },
      check: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  if (!values.config) throw new UsageError("missing --config FILE");
  const config = readConfig(factoryConfig, values.config);
  if (values.check) {
    process.exitCode = await check(config);
    return;
  }
  const stopping = Promise.withResolvers<string>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.resolve(signal));
  const logger = createLogger({ level: values.verbose ? "debug" : "info" });
  const factory = await start(config, values.config, logger);
  try {
    logger.info("stopping", { why: await Promise.race([stopping.promise, factory.failed]) });
  } finally {
    await factory.stop();
  }
  logger.info("stopped");
}

/** @throws BadConfig where it is not clear what to make */
async function start({ core, agent, sandbox, aws }: FactoryConfig, file: string, logger: Logger): Promise<RunningFactory> {
  const ca = core.authority === undefined ? undefined : readFileSync(core.authority, "utf8");
  const common = { world: realWorld(), logger, url: core.url, token: core.token, ca };
  // Each would take the other's workers for ones that have lost their machines.
  if (sandbox && aws) throw new BadConfig(`${file}: [sandbox] and [aws] are two factories: run one program for each`);
  if (aws) {
    // The SDK is large, and only wanted here.
    const { startAwsFactory } = await import("./aws/embed.ts");
    return startAwsFactory({ ...common, config: aws });
  }
  if (!sandbox) throw new BadConfig(`${file}: say what to make, with [sandbox] or [aws]`);
  if (!agent) throw new BadConfig(`${file}: sandboxes need the compiled agent: set agent`);
  return await startSandboxFactory({ ...common, config: sandbox, agentBinary: agent, hidden: [file] });
}

/** @returns exit code */
async function check({ core, aws }: FactoryConfig): Promise<number> {
  if (!aws) throw new BadConfig("only a configuration with [aws] can be checked");
  const { checkAws } = await import("./aws/check.ts");
  const { lines, wrong } = await checkAws(aws, core.url);
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
  return wrong === 0 ? 0 : 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  process.stderr.write(`buildomat-factory: ${reasonOf(error)}\n${usage ? `\n${USAGE}` : ""}`);
  process.exit(usage || error instanceof BadConfig ? 2 : 1);
}
