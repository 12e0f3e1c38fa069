import type { Database } from "bun:sqlite";
import type { Client } from "../core/client/client.ts";
import type { Bells } from "../core/common/bells.ts";
import type { Logger } from "../core/common/logger.ts";
import type { Wal } from "../core/common/sqlite/wal.ts";
import type { World } from "../core/common/world.ts";
import type { Config } from "./config.ts";
import type { GitHub } from "./github/github.ts";
import type { Vault } from "./secret/vault.ts";

/** What the parts of Wollongong share. */
export interface Wollongong {
  readonly config: Config;
  readonly world: World;
  readonly logger: Logger;
  readonly db: Database;
  readonly wal: Wal;
  readonly bells: Bells;
  readonly github: GitHub;
  /** The core, as the user of this repository, or as ourselves. */
  coreOf(repo?: number): Client;
  readonly vault: Vault;
  /** Fires when the server is to stop. */
  readonly shutdown: AbortSignal;
}
