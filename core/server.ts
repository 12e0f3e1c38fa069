import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createApp } from "./app.ts";
import { Bells } from "./common/bells.ts";
import { codeOf, Explained, reasonOf } from "./common/errors.ts";
import type { Logger } from "./common/logger.ts";
import { openDatabase } from "./common/sqlite.ts";
import type { World } from "./common/world.ts";
import type { Config } from "./config.ts";
import type { Core } from "./core.ts";
import { lockData } from "./db/lock.ts";
import { migrations } from "./db/migrations.ts";
import { Outbox } from "./db/outbox.ts";
import { Commits } from "./file/commits.ts";
import { Files } from "./file/files.ts";
import { sealEndedJobs } from "./job/seal.ts";
import { Logs } from "./log/logs.ts";
import { Metrics } from "./metrics.ts";
import { runScheduler } from "./schedule/scheduler.ts";
import { Presence } from "./worker/presence.ts";

/** Larger bodies end the connection; the routes have their own, lower limits with clear answers. */
const MAX_REQUEST = 16 * 1024 * 1024;
const MIB = 1024 * 1024;
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
  const { core, close } = openCore(config, world, logger, down.signal);
  const app = createApp(core);
  const [hostname = "", port = ""] = splitAddress(config.general.listen);
  try {
    app.listen({
      hostname,
      port: Number(port),
      reusePort: false,
      idleTimeout: 120,
      maxRequestBodySize: MAX_REQUEST,
      development: false,
      ...(config.tls ? { tls: { cert: Bun.file(config.tls.certificate), key: Bun.file(config.tls.key) } } : {}),
    });
  } catch (error) {
    close();
    const taken = codeOf(error) === "EADDRINUSE";
    const what = taken ? "the port is in use: stop what is there, or choose another port" : reasonOf(error);
    throw new Explained(`cannot listen on ${config.general.listen}: ${what}`, { cause: error });
  }
  const failed = Promise.all([runScheduler(core), sealEndedJobs(core)]).then(() => new Promise<never>(() => {}));
  failed.catch((error: unknown) => logger.error(`a part of the server has failed: ${reasonOf(error)}`, { error }));
  const url = `${config.tls ? "https" : "http"}://${hostname}:${app.server?.port ?? port}`;
  logger.info("serving", { url, data: config.general.data });
  const end = async () => {
    down.abort();
    await Promise.race([app.server?.stop(), world.sleep(GRACE)]);
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

function openCore(config: Config, world: World, logger: Logger, shutdown: AbortSignal): { core: Core; close: () => void } {
  const { data } = config.general;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const unlock = lockData(data);
  const bells = new Bells();
  const db = openDatabase(join(data, "core.sqlite"), { synchronous: "FULL", migrations });
  const logs = new Logs({ dir: join(data, "log"), world, bells });
  const outbox = new Outbox(db, logs, logger);
  const { max_size_per_file_mb, max_bytes_mb } = config.job;
  const files = new Files({ dir: data, world, limits: { perFile: max_size_per_file_mb * MIB, perJob: max_bytes_mb * MIB } });
  const commits = new Commits({ files, bells, world, logger });
  const core: Core = {
    config,
    world,
    logger,
    db,
    bells,
    logs,
    outbox,
    files,
    commits,
    metrics: new Metrics(),
    presence: new Presence(),
    shutdown,
    started: world.now(),
    secret: readSecret(join(data, "secret"), world),
  };
  files.sweep({
    isKnown: (job, file) => db.query("SELECT 1 FROM file WHERE job = ? AND id = ?").get(job, file) !== null,
    isActive: (job) => db.query("SELECT 1 FROM job WHERE id = ? AND state IN ('waiting', 'queued', 'running')").get(job) !== null,
  });
  const close = () => {
    logs.close();
    commits.close();
    db.run("PRAGMA wal_checkpoint(TRUNCATE)");
    db.close();
    unlock();
  };
  return { core, close };
}

function readSecret(path: string, world: World): Uint8Array {
  if (!existsSync(path)) writeFileSync(path, world.random(32), { mode: 0o600 });
  chmodSync(path, 0o600);
  return readFileSync(path);
}

/** `[::1]:80` into host and port. */
function splitAddress(address: string): [string, string] {
  const at = address.lastIndexOf(":");
  return [address.slice(0, at).replace(/^\[|\]$/g, ""), address.slice(at + 1)];
}
