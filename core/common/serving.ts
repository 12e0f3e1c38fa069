import type { AnyElysia } from "elysia";
import { reasonOf } from "./errors.ts";
import { type ListenOptions, listen } from "./listen.ts";
import type { Logger } from "./logger.ts";
import type { World } from "./world.ts";

/** A server that is up. */
export interface Serving {
  readonly url: string;
  /** Fails if a part that must never end has ended. */
  readonly failed: Promise<never>;
  /** Ends requests and work in hand, then closes what was opened; may be called again. */
  stop(): Promise<void>;
}

interface ServingOptions {
  world: World;
  logger: Logger;
  app: AnyElysia;
  /** `host:port` */
  address: string;
  listening: ListenOptions;
  /** Begins what goes on beside the requests; each ends when the server is to stop. */
  parts: () => Promise<void>[];
  /** Tells everybody that the server is to stop. */
  down: AbortController;
  /** Closes what was opened for it. */
  close: () => void;
  /** How long what is in hand may take to come to a good end, ms. */
  grace: number;
}

/** Listens, and begins the parts. @throws Explained where it cannot listen, once what was opened is closed */
export function startServing({ world, logger, app, address, listening, parts, down, close, grace }: ServingOptions): Serving {
  let url: string;
  try {
    url = listen(app, address, listening);
  } catch (error) {
    close();
    throw error;
  }
  const running = Promise.all(parts());
  const failed = running.then(() => new Promise<never>(() => {}));
  failed.catch((error: unknown) => logger.error(`a part of the server has failed: ${reasonOf(error)}`, { error }));
  const end = async () => {
    down.abort();
    const graceful = new AbortController();
    // Its timer would keep the process alive.
    await Promise.race([Promise.allSettled([running, app.server?.stop()]), world.sleep(grace, graceful.signal)]);
    graceful.abort();
    await app.server?.stop(true);
    close();
  };
  let ended: Promise<void> | undefined;
  const stop = () => {
    ended ??= end();
    return ended;
  };
  return { url, failed, stop };
}

/** Serves until SIGINT or SIGTERM, or until a part fails, and stops. @throws what the part failed with */
export async function serveUntilTold(start: () => Promise<Pick<Serving, "failed" | "stop">>, logger: Logger): Promise<void> {
  const told = Promise.withResolvers<string>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => told.resolve(signal));
  const { failed, stop } = await start();
  try {
    logger.info("stopping", { why: await Promise.race([told.promise, failed]) });
  } finally {
    await stop();
  }
  logger.info("stopped");
}
