import { parseArgs } from "node:util";
import { BadConfig, readConfig } from "./common/config.ts";
import { reasonOf } from "./common/errors.ts";
import { createLogger } from "./common/logger.ts";
import { realWorld } from "./common/world.ts";
import { Config } from "./config.ts";
import { buildImage } from "./provider/sandbox/image.ts";
import { serve } from "./serve.ts";

const USAGE = `Usage: buildomat-server --config server.toml
       buildomat-server image build debian-12 [--to DIR]

Options:
    --config FILE    configuration; see docs/configuration.md
    --verbose        log everything
    --help           this text
`;

async function main(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      config: { type: "string", short: "f" },
      to: { type: "string" },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const logger = createLogger({ level: values.verbose ? "debug" : "info" });
  const world = realWorld();
  const [noun, verb, name, ...rest] = positionals;
  if (noun === "image" && verb === "build" && name && rest.length === 0)
    return await buildImage(name, { logger, world, to: values.to });
  if (noun !== undefined) throw new UsageError(`unknown command: ${positionals.join(" ")}`);
  if (!values.config) throw new UsageError("missing --config FILE");
  await serve(readConfig(Config, values.config), { world, logger, configFile: values.config });
}

class UsageError extends Error {}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  process.stderr.write(`buildomat-server: ${reasonOf(error)}\n${usage ? `\n${USAGE}` : ""}`);
  process.exit(usage || error instanceof BadConfig ? 2 : 1);
}
