import { reasonOf } from "../core/common/errors.ts";
import { listen } from "../core/common/listen.ts";
import type { Logger } from "../core/common/logger.ts";
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
/** How long what is in hand may take to come to a good end: all of it can be taken up again, ms. */
const GRACE = 250;

export interface Server {
  readonly wo: Wollongong;
  readonly url: string;
  /** Fails if a part that must never end has ended. */
  readonly failed: Promise<never>;
  /** Ends requests and work in hand, closes the database; may be called again. */
  stop(): Promise<void>;
}

/** Opens the data directory and serves. @throws an Error with one clear sentence where that cannot be */
export async function startServer(config: Config, { world, logger }: { world: World; logger: Logger }): Promise<Server> {
  const down = new AbortController();
  const { wo, close } = openWollongong(config, { world, logger, shutdown: down.signal });
  const app = createApp(wo);
  let url: string;
  try {
    url = listen(app, config.listen, { idleTimeout: 60, maxRequestBodySize: MAX_REQUEST });
  } catch (error) {
    close();
    throw error;
  }
  const parts = Promise.all([processDeliveries(wo), workOnSuites(wo), followJobs(wo), learnInstallations(wo)]);
  const failed = parts.then(() => new Promise<never>(() => {}));
  failed.catch((error: unknown) => logger.error(`a part of the server has failed: ${reasonOf(error)}`, { error }));
  logger.info("serving", { url, data: config.data });
  const end = async () => {
    down.abort();
    const graceful = new AbortController();
    // Its timer would keep the process alive.
    await Promise.race([Promise.allSettled([parts, app.server?.stop()]), world.sleep(GRACE, graceful.signal)]);
    graceful.abort();
    await app.server?.stop(true);
    close();
  };
  let ended: Promise<void> | undefined;
  const stop = () => {
    ended ??= end();
    return ended;
  };
  return { wo, url, failed, stop };
}
