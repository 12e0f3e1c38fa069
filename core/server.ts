import { checkAgents } from "./agent-binary/agents.ts";
import { createApp } from "./app.ts";
import type { Logger } from "./common/logger.ts";
import { type Serving, startServing } from "./common/serving.ts";
import type { World } from "./common/world.ts";
import type { Config } from "./config.ts";
import type { Core } from "./core.ts";
import { keepArchive } from "./job/archive/keep.ts";
import { sealEndedJobs } from "./job/seal.ts";
import { openCore } from "./open.ts";
import { runScheduler } from "./schedule/scheduler.ts";
import { tlsOf } from "./tls.ts";
import { dropOldLogs } from "./worker/old-logs.ts";

/** Larger bodies end the connection; the routes have their own, lower limits with clear answers. */
const MAX_REQUEST = 16 * 1024 * 1024;
const GRACE = 5000;

export interface Server extends Serving {
  readonly core: Core;
}

/** Opens the data directory and serves. @throws an Error with one clear sentence where that cannot be */
export async function startServer(config: Config, { world, logger }: { world: World; logger: Logger }): Promise<Server> {
  const { general, tls } = config;
  checkAgents(general);
  const certified = tls && tlsOf(tls);
  const down = new AbortController();
  const { core, close } = openCore(config, { world, logger, shutdown: down.signal });
  const serving = startServing({
    world,
    logger,
    app: createApp(core),
    address: general.listen,
    listening: {
      idleTimeout: 120,
      maxRequestBodySize: MAX_REQUEST,
      ...(certified ? { tls: certified } : {}),
    },
    parts: () => [runScheduler(core), sealEndedJobs(core), keepArchive(core), dropOldLogs(core)],
    down,
    close,
    grace: GRACE,
  });
  logger.info("serving", { url: serving.url, data: general.data });
  return { core, ...serving };
}
