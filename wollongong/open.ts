import { createPrivateKey } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { Client } from "../core/client/client.ts";
import { Bells } from "../core/common/bells.ts";
import { Explained, reasonOf } from "../core/common/errors.ts";
import type { Logger } from "../core/common/logger.ts";
import { lockData } from "../core/common/sqlite/lock.ts";
import { openDatabase } from "../core/common/sqlite/open.ts";
import { Wal } from "../core/common/sqlite/wal.ts";
import type { World } from "../core/common/world.ts";
import { type Config, databaseOf, keyFileOf } from "./config.ts";
import { migrations } from "./db/migrations.ts";
import { GitHub } from "./github/github.ts";
import { Vault } from "./secret/vault.ts";
import type { Wollongong } from "./wollongong.ts";

/** How long a call to the core is tried again before whoever needs it does something else, ms. */
const PATIENCE = 5_000;

export interface Surroundings {
  world: World;
  logger: Logger;
  /** Fires when the server is to stop. */
  shutdown: AbortSignal;
}

/** Opens the data directory, alone. @throws Explained, with one clear sentence */
export function openWollongong(config: Config, { world, logger, shutdown }: Surroundings): { wo: Wollongong; close: () => void } {
  const privateKey = readKey(config.private_key);
  mkdirSync(config.data, { recursive: true, mode: 0o700 });
  using opened = new DisposableStack();
  opened.defer(lockData(config.data));
  const file = databaseOf(config);
  const db = openDatabase(file, { migrations });
  opened.defer(() => db.close());
  if (config.sqlite.cache_kb) db.run(`PRAGMA cache_size = -${config.sqlite.cache_kb}`);
  const wal = new Wal(file);
  opened.defer(() => wal.close());
  const wo: Wollongong = {
    config,
    world,
    logger,
    db,
    wal,
    bells: new Bells(),
    github: new GitHub({ config, privateKey, world }),
    coreOf: clients(config, world),
    vault: new Vault(keyFileOf(config), world),
    shutdown,
  };
  const closing = opened.move();
  return { wo, close: () => closing.dispose() };
}

function readKey(file: string): string {
  let pem: string;
  try {
    pem = readFileSync(file, "utf8");
  } catch (cause) {
    throw new Explained(`cannot read the private key of the GitHub App, ${file}: ${reasonOf(cause)}`, { cause });
  }
  try {
    createPrivateKey(pem);
  } catch (cause) {
    throw new Explained(`${file} is no private key in PEM: GitHub makes one in the App's settings`, { cause });
  }
  return pem;
}

/** The name of the core's user for a repository: its number, as names change. The original's tools know it too. */
export const userOf = (repo: number): string => `gong-${repo}`;

function clients({ buildomat: { url, token } }: Config, world: World): Wollongong["coreOf"] {
  const own = new Client({ world, url, token, patience: PATIENCE });
  return (repo) => (repo === undefined ? own : new Client({ ...own.options, delegate: userOf(repo) }));
}
