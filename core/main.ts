import { parseArgs } from "node:util";
import { backUpTo, restoreArchive, restoreBackup } from "./backup/command.ts";
import { BadConfig, readConfig } from "./common/config.ts";
import { reasonOf } from "./common/errors.ts";
import { createLogger } from "./common/logger.ts";
import { realWorld } from "./common/world.ts";
import { Config } from "./config.ts";
import { buildImage } from "./provider/sandbox/image.ts";
import { serve } from "./serve.ts";

const USAGE = `Usage: buildomat-server --config server.toml
       buildomat-server backup DIR --config server.toml [--state-only]
       buildomat-server restore DIR --config server.toml
       buildomat-server restore --from-archive --config server.toml
       buildomat-server image build debian-12 [--to DIR]

Options:
    -f, --config FILE    configuration; see docs/configuration.md
        --state-only     back up the database, without logs and files
        --from-archive   make the database anew from the object store
        --verbose        log everything
    -h, --help           this text
`;

async function main(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      config: { type: "string", short: "f" },
      to: { type: "string" },
      "state-only": { type: "boolean", default: false },
      "from-archive": { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
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
  if (!values.config) throw new UsageError("missing --config FILE");
  const config = readConfig(Config, values.config);
  const command = [noun, verb && "DIR", name, values["from-archive"] && "--from-archive"].filter(Boolean).join(" ");
  if (command === "") await serve(config, { world, logger, configFile: values.config });
  else if (command === "backup DIR") await backUpTo(config, verb ?? "", values["state-only"], { world, logger });
  else if (command === "restore DIR") await restoreBackup(config, verb ?? "");
  else if (command === "restore --from-archive") await restoreArchive(config, { world, logger });
  else if (noun === "backup") throw new UsageError("backup wants one directory");
  else if (noun === "restore") throw new UsageError("restore wants one directory, or --from-archive");
  else throw new UsageError(`no command is written like this: ${positionals.join(" ")}`);
}

class UsageError extends Error {}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  process.stderr.write(`buildomat-server: ${reasonOf(error)}\n${usage ? `\n${USAGE}` : ""}`);
  process.exit(usage || error instanceof BadConfig ? 2 : 1);
}
