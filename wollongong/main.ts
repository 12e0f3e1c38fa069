import { parseArgs } from "node:util";
import { BadConfig, readConfig } from "../core/common/config.ts";
import { reasonOf } from "../core/common/errors.ts";
import { createLogger } from "../core/common/logger.ts";
import { realWorld } from "../core/common/world.ts";
import { Config } from "./config.ts";
import { startServer } from "./server.ts";

const USAGE = `Usage: wollongong-server [--config etc/app.toml]

Options:
    --config FILE    configuration (etc/app.toml); see docs/github.md
    --verbose        log everything
    --help           this text
`;

class UsageError extends Error {}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: "string", short: "f", default: "etc/app.toml" },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (positionals.length > 0) throw new UsageError(`there is nothing called ${positionals.join(" ")}`);
  if (values.help) return void process.stdout.write(USAGE);
  const logger = createLogger({ level: values.verbose ? "debug" : "info" });
  const stopping = Promise.withResolvers<string>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.resolve(signal));
  const server = await startServer(readConfig(Config, values.config), { world: realWorld(), logger });
  try {
    logger.info("stopping", { why: await Promise.race([stopping.promise, server.failed]) });
  } finally {
    await server.stop();
  }
  logger.info("stopped");
}

try {
  await main(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  const usage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  process.stderr.write(`wollongong-server: ${reasonOf(error)}\n${usage ? `\n${USAGE}` : ""}`);
  process.exit(usage || error instanceof BadConfig ? 2 : 1);
}
