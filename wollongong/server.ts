import type { Logger } from "../core/common/logger.ts";
import { type Serving, startServing } from "../core/common/serving.ts";
import type { World } from "../core/common/world.ts";
import { learnInstallations } from "./account/sweep.ts";
import { createApp } from "./app.ts";
import { followJobs } from "./basic/follow.ts";
import { workOnSuites } from "./check/scheduler.ts";
import type { Config } from "./config.ts";
import { processDeliveries } from "./delivery/process.ts";
import { openWollongong } from "./open.ts";
import type { Wollongong } from "./wollongong.ts";

const MAX_REQUEST = 32 * 1024 * 1024;
/** Short, as all that is in hand can be taken up again, ms. */
const GRACE = 250;

export interface Server extends Serving {
  readonly wo: Wollongong;
}

/** Opens the data directory and serves. @throws an Error with one clear sentence where that cannot be */
export async function startServer(config: Config, { world, logger }: { world: World; logger: Logger }): Promise<Server> {
  const down = new AbortController();
  const { wo, close } = openWollongong(config, { world, logger, shutdown: down.signal });
  const serving = startServing({
    world,
    logger,
    app: createApp(wo),
    address: config.listen,
    listening: { idleTimeout: 60, maxRequestBodySize: MAX_REQUEST },
    parts: () => [processDeliveries(wo), workOnSuites(wo), followJobs(wo), learnInstallations(wo)],
    down,
    close,
    grace: GRACE,
  });
  logger.info("serving", { url: serving.url, data: config.data });
  return { wo, ...serving };
}
