import type { AnyElysia } from "elysia";
import { createApp } from "./app.ts";
import { reasonOf } from "./common/errors.ts";
import { listen } from "./common/listen.ts";
import type { Logger } from "./common/logger.ts";
import type { World } from "./common/world.ts";
import type { Config } from "./config.ts";
import type { Core } from "./core.ts";
import { keepArchive } from "./job/archive/keep.ts";
import { sealEndedJobs } from "./job/seal.ts";
import { openCore } from "./open.ts";
import { runScheduler } from "./schedule/scheduler.ts";

/** Larger bodies end the connection; the routes have their own, lower limits with clear answers. */
const MAX_REQUEST = 16 * 1024 * 1024;
const GRACE = 5000;

export interface Server {
  readonly core: Core;
  readonly url: string;
  /** Fails if a part that must never end has ended. */
  readonly failed: Promise<never>;
  /** Ends running requests and streams, closes the databases; may be called again. */
  stop(): Promise<void>;
}

/** Opens the data directory and serves. @throws an Error with one clear sentence where that cannot be */
export async function startServer(config: Config, { world, logger }: { world: World; logger: Logger }): Promise<Server> {
  const down = new AbortController();
  const { core, close } = openCore(config, { world, logger, shutdown: down.signal });
  const app = createApp(core);
  const url = listenOr(close, app, config);
  const failed = Promise.all([runScheduler(core), sealEndedJobs(core), keepArchive(core)]).then(
    () => new Promise<never>(() => {}),
  );
  failed.catch((error: unknown) => logger.error(`a part of the server has failed: ${reasonOf(error)}`, { error }));
  logger.info("serving", { url, data: config.general.data });
  const end = async () => {
    down.abort();
    const graceful = new AbortController();
    // Its timer would keep the process alive.
    await Promise.race([app.server?.stop(), world.sleep(GRACE, graceful.signal)]);
    graceful.abort();
    await app.server?.stop(true);
    close();
  };
  let ended: Promise<void> | undefined;
  const stop = () => {
    ended ??= end();
    return ended;
  };
  return { core, url, failed, stop };
}

/** @throws Explained, once what was opened is closed */
function listenOr(close: () => void, app: AnyElysia, { general, tls }: Config): string {
  try {
    return listen(app, general.listen, {
      idleTimeout: 120,
      maxRequestBodySize: MAX_REQUEST,
      ...(tls ? { tls: { cert: Bun.file(tls.certificate), key: Bun.file(tls.key) } } : {}),
    });
  } catch (error) {
    close();
    throw error;
  }
}
