import { parseArgs } from "node:util";
import { BadConfig, readConfig } from "../core/common/config.ts";
import { reasonOf } from "../core/common/errors.ts";
import { createLogger } from "../core/common/logger.ts";
import { serveUntilTold } from "../core/common/serving.ts";
import { realWorld } from "../core/common/world.ts";
import { backUpTo, restoreFrom } from "./backup/command.ts";
import { Config } from "./config.ts";
import { startServer } from "./server.ts";

const USAGE = `Usage: wollongong-server [--config etc/app.toml]
       wollongong-server backup DIR [--config etc/app.toml]
       wollongong-server restore DIR [--config etc/app.toml]

Options:
    -f, --config FILE    configuration (etc/app.toml); see docs/github.md
        --verbose        log everything
    -h, --help           this text
`;

class UsageError extends Error {}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: "string", short: "f", default: "etc/app.toml" },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const [verb, dir, ...rest] = positionals;
  const world = realWorld();
  const config = () => readConfig(Config, values.config);
  const logger = createLogger({ level: values.verbose ? "debug" : "info" });
  if (verb === undefined) await serveUntilTold(() => startServer(config(), { world, logger }), logger);
  else if (verb === "backup" && dir && rest.length === 0) await backUpTo(config(), dir, world);
  else if (verb === "restore" && dir && rest.length === 0) await restoreFrom(config(), dir, world);
  else if (verb === "backup" || verb === "restore") throw new UsageError(`${verb} wants one directory`);
  else throw new UsageError(`no command is written like this: ${positionals.join(" ")}`);
}

try {
  await main(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  const usage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  process.stderr.write(`wollongong-server: ${reasonOf(error)}\n${usage ? `\n${USAGE}` : ""}`);
  process.exit(usage || error instanceof BadConfig ? 2 : 1);
}
