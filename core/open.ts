import type { Database } from "bun:sqlite";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Bells } from "./common/bells.ts";
import type { Logger } from "./common/logger.ts";
import { lockData } from "./common/sqlite/lock.ts";
import { openDatabase } from "./common/sqlite/open.ts";
import { Wal } from "./common/sqlite/wal.ts";
import type { Answering } from "./common/thread.ts";
import type { World } from "./common/world.ts";
import type { Config } from "./config.ts";
import type { Core } from "./core.ts";
import { migrations } from "./db/migrations.ts";
import { Outbox } from "./db/outbox.ts";
import { Commits, type Storing } from "./file/commits.ts";
import { Files } from "./file/files.ts";
import { logCopy } from "./job/archive/keys.ts";
import { ACTIVE } from "./job/queue.ts";
import { Logs, type Sealed } from "./log/logs.ts";
import { Metrics } from "./metrics.ts";
import { Objects } from "./storage/objects.ts";
import type { Content, TransferTask } from "./storage/transfer.ts";
import { Presence } from "./worker/presence.ts";

const MIB = 1024 * 1024;

export interface Surroundings {
  world: World;
  logger: Logger;
  /** Fires when the server is to stop. */
  shutdown: AbortSignal;
  /** Worker threads unless told. */
  sealer?: Answering<string, Sealed>;
  storing?: Storing;
  transferring?: Answering<TransferTask, Content>;
}

/** Opens the data directory, alone, and clears up what a killed process left. @throws Explained when another server has it */
export function openCore(config: Config, surroundings: Surroundings): { core: Core; close: () => void } {
  const { world, logger, shutdown, sealer, storing, transferring } = surroundings;
  const { data } = config.general;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  // What was opened is closed, last first: at the end, or when something here fails.
  using opened = new DisposableStack();
  opened.defer(lockData(data));
  const bells = new Bells();
  const file = join(data, "core.sqlite");
  const db = openDatabase(file, { migrations });
  opened.defer(() => db.close());
  const wal = new Wal(file);
  opened.defer(() => wal.close());
  opened.defer(() => db.run("PRAGMA wal_checkpoint(TRUNCATE)"));
  const objects = new Objects({ config: config.storage, data, world, thread: transferring });
  opened.defer(() => objects.close());
  const copies = (job: string) => objects.cache.path(logCopy(job));
  const logs = new Logs({ dir: join(data, "log"), world, bells, sealer, copies });
  opened.defer(() => logs.close());
  const outbox = new Outbox(db, logs, logger);
  const { max_size_per_file_mb, max_bytes_mb } = config.job;
  const files = new Files({ dir: data, world, limits: { perFile: max_size_per_file_mb * MIB, perJob: max_bytes_mb * MIB } });
  const commits = new Commits({ files, bells, world, logger, storing });
  opened.defer(() => commits.close());
  files.sweep(unsealedJobs(db), (job, file) => db.query("SELECT 1 FROM file WHERE job = ? AND id = ?").get(job, file) !== null);
  const core: Core = {
    config,
    world,
    logger,
    db,
    wal,
    bells,
    logs,
    outbox,
    files,
    commits,
    objects,
    metrics: new Metrics(),
    presence: new Presence(),
    shutdown,
    started: world.now(),
    secret: readSecret(join(data, "secret"), world),
  };
  const closing = opened.move();
  return { core, close: () => closing.dispose() };
}

function readSecret(path: string, world: World): Uint8Array {
  if (!existsSync(path)) writeFileSync(path, world.random(32), { mode: 0o600 });
  chmodSync(path, 0o600);
  return readFileSync(path);
}

/** The jobs that may have something of a process that was killed: those that are sealed have been cleared up. */
const unsealedJobs = (db: Database): { id: string; active: boolean }[] =>
  db
    .query<{ id: string; active: 0 | 1 }, []>(
      `SELECT id, 1 AS active FROM job WHERE ${ACTIVE}
       UNION ALL SELECT id, 0 FROM job WHERE state IN ('completed', 'failed') AND log_sha256 IS NULL`,
    )
    .all()
    .map(({ id, active }) => ({ id, active: active === 1 }));
