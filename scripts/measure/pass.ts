import { readConfig } from "../../core/common/config.ts";
import { silent } from "../../core/common/logger.ts";
import { realWorld } from "../../core/common/world.ts";
import { Config } from "../../core/config.ts";
import { pass } from "../../core/schedule/pass.ts";
import { startServer } from "../../core/server.ts";
import { quantile } from "./figure.ts";

/** A process of its own: opens the data of a server as a server does, and prints what one pass of the scheduler takes, ms. */
const server = await startServer(readConfig(Config, process.argv[2] ?? ""), { world: realWorld(), logger: silent });
const took = Array.from({ length: 300 }, () => {
  const begun = performance.now();
  pass(server.core);
  return performance.now() - begun;
});
process.stdout.write(String(quantile(took, 0.5)));
process.exit(0);
