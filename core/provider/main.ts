import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CallFailed } from "../client/failure.ts";
import { BadConfig, readConfig } from "../common/config.ts";
import { Explained, reasonOf } from "../common/errors.ts";
import { createLogger, type Logger } from "../common/logger.ts";
import { realWorld } from "../common/world.ts";
import { type FactoryConfig, factoryConfig, type Section, sectionsOf } from "./config.ts";
import type { RunningFactory } from "./running.ts";
import { startSandboxFactory } from "./sandbox/embed.ts";

const USAGE = `Usage: buildomat-factory --config factory.toml

Makes machines for the jobs of a core elsewhere: sandboxes on this host, and instances of EC2.

Options:
    -f, --config FILE    configuration; see docs/sandbox.md and docs/ec2.md
        --check          ask EC2 whether the configuration would work, and make nothing
        --verbose        log everything
    -h, --help           this text
`;

class UsageError extends Error {}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      config: { type: "string", short: "f" },
      check: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  if (!values.config) throw new UsageError("missing --config FILE");
  const config = readConfig(factoryConfig, values.config);
  if (values.check) {
    process.exitCode = await check(config, values.config);
    return;
  }
  await work(config, values.config, createLogger({ level: values.verbose ? "debug" : "info" }));
}

/** Makes machines until it is told to stop. One factory that the core refuses ends alone. @throws when none is left, or has a fault */
async function work(config: FactoryConfig, file: string, logger: Logger): Promise<void> {
  const stopping = Promise.withResolvers<string>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.resolve(signal));
  const running = new Set<RunningFactory>();
  try {
    const ends: Promise<CallFailed>[] = [];
    for (const section of sectionsOf(config, file)) {
      const ownLogger = logger.with({ part: section.name });
      const factory = await start(section, config.core, file, ownLogger);
      running.add(factory);
      const end = refusalOf(factory, running, ownLogger);
      // It is awaited once all have started.
      end.catch(() => {});
      ends.push(end);
    }
    const lastRefusal = Promise.all(ends).then(([error]) => {
      throw error?.status === 401 ? unknownToken(config.core.url, file) : error;
    });
    logger.info("stopping", { why: await Promise.race([stopping.promise, lastRefusal]) });
  } finally {
    await Promise.all([...running].map((factory) => factory.stop()));
  }
  logger.info("stopped");
}

const unknownToken = (url: string, file: string) =>
  new Explained(`${url} does not know the token in ${file}: after a rotation, put the new one there and start again`);

/** Resolves when the core has refused the factory for good, and it is stopped. @throws what else it fails with, which is a fault of ours */
async function refusalOf(factory: RunningFactory, running: Set<RunningFactory>, logger: Logger): Promise<CallFailed> {
  const error: unknown = await factory.failed.catch((thrown: unknown) => thrown);
  if (!(error instanceof CallFailed)) throw error;
  process.exitCode = 1;
  logger.error("the core refuses this factory, which ends; others go on", { error: error.message, status: error.status });
  running.delete(factory);
  await factory.stop();
  return error;
}

type Core = FactoryConfig["core"];

async function start(section: Section, core: Core, file: string, logger: Logger): Promise<RunningFactory> {
  const { name, token } = section;
  const common = { world: realWorld(), logger, url: core.url, token, ca: authorityOf(core) };
  if ("aws" in section) {
    // The SDK is large, and only wanted here.
    const { startAwsFactory } = await import("./aws/embed.ts");
    return startAwsFactory({ ...common, config: section.aws });
  }
  const { sandbox, agent } = section;
  return await startSandboxFactory({ ...common, name, config: sandbox, agentBinary: agent, hidden: [file] });
}

const authorityOf = ({ authority }: Core): string | undefined =>
  authority === undefined ? undefined : readFileSync(authority, "utf8");

/** @returns exit code */
async function check(config: FactoryConfig, file: string): Promise<number> {
  const sections = sectionsOf(config, file).filter((section) => "aws" in section);
  if (sections.length === 0) throw new BadConfig("only a configuration with [aws] can be checked");
  const { checkAws } = await import("./aws/check.ts");
  let code = 0;
  for (const { name, aws } of sections) {
    const { lines, wrong } = await checkAws(aws, { world: realWorld(), url: config.core.url, ca: authorityOf(config.core) });
    const all = sections.length > 1 ? [`factory ${name}`, ...lines] : lines;
    process.stdout.write(all.map((line) => `${line}\n`).join(""));
    if (wrong > 0) code = 1;
  }
  return code;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  process.stderr.write(`buildomat-factory: ${reasonOf(error)}\n${usage ? `\n${USAGE}` : ""}`);
  process.exit(usage || error instanceof BadConfig ? 2 : 1);
}
