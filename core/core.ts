import type { Database } from "bun:sqlite";
import type { Bells } from "./common/bells.ts";
import type { Logger } from "./common/logger.ts";
import type { Wal } from "./common/sqlite/wal.ts";
import type { World } from "./common/world.ts";
import type { Config } from "./config.ts";
import type { Outbox } from "./db/outbox.ts";
import type { Commits } from "./file/commits.ts";
import type { Files } from "./file/files.ts";
import type { Logs } from "./log/logs.ts";
import type { Metrics } from "./metrics.ts";
import type { Objects } from "./storage/objects.ts";
import type { Presence } from "./worker/presence.ts";

/** What the nouns work with. Made once in main.ts, handed down, never imported as a global. */
export interface Core {
  readonly config: Config;
  readonly world: World;
  readonly logger: Logger;
  readonly db: Database;
  readonly wal: Wal;
  readonly bells: Bells;
  readonly outbox: Outbox;
  readonly logs: Logs;
  readonly files: Files;
  readonly commits: Commits;
  readonly objects: Objects;
  readonly metrics: Metrics;
  readonly presence: Presence;
  /** Fires when the server is to stop: long polls answer, streams end. */
  readonly shutdown: AbortSignal;
  /** Milliseconds since the epoch at which this process began to serve. */
  readonly started: number;
  /** Key for what must come out the same when a call is repeated; kept in the data directory. */
  readonly secret: Uint8Array;
}
