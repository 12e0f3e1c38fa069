import type { Database } from "bun:sqlite";
import { Database as Sqlite } from "bun:sqlite";
import { existsSync, readFileSync } from "node:fs";
import { UsageError } from "../../core/common/command/failure.ts";
import type { Output } from "../../core/common/command/output.ts";
import { BadConfig, readConfig } from "../../core/common/config.ts";
import { reasonOf } from "../../core/common/errors.ts";
import { openReadOnly } from "../../core/common/sqlite/open.ts";
import type { World } from "../../core/common/world.ts";
import { Config, databaseOf, keyFileOf } from "../config.ts";
import { migrations } from "../db/migrations.ts";
import { GitHub } from "../github/github.ts";
import { Vault } from "../secret/vault.ts";

/** What a command has to work with. Nothing is opened before it is asked for. */
export interface Context {
  world: World;
  out: Output;
  json: boolean;
  signal: AbortSignal;
  config(): Config;
  /** The database to look at, beside its one writer. */
  db(): Database;
  /** The same to change; the server, if it runs, finds the change by itself. */
  writable(): Database;
  /** As the App, or as one of its installations. */
  github(): GitHub;
  vault(): Vault;
  /** What could stand in the place of the last word of a command line. */
  complete(words: readonly string[]): Promise<string[]>;
}

interface ContextOptions extends Pick<Context, "world" | "out" | "json" | "signal" | "complete"> {
  configFile: string;
  /** A database elsewhere, such as a backup. */
  file: string | undefined;
}

export function createContext({ configFile, file, ...rest }: ContextOptions): Context {
  let read: Config | undefined;
  const config = () => {
    read ??= tryConfig(configFile);
    return read;
  };
  const database = () => file ?? databaseOf(config());
  const open = <T extends Database>(opening: (file: string) => T): T => checked(database(), opening);
  return {
    ...rest,
    config,
    db: () => open(openReadOnly),
    writable: () =>
      open((file) => {
        const db = new Sqlite(file, { create: false, readwrite: true, strict: true });
        db.run("PRAGMA busy_timeout = 30000");
        db.run("PRAGMA synchronous = FULL");
        db.run("PRAGMA foreign_keys = ON");
        return db;
      }),
    github: () => new GitHub({ config: config(), privateKey: readFileSync(config().private_key, "utf8"), world: rest.world }),
    vault: () => new Vault(keyFileOf(config()), rest.world),
  };
}

function tryConfig(file: string): Config {
  try {
    return readConfig(Config, file);
  } catch (error) {
    if (error instanceof BadConfig) throw new UsageError(`${error.message}: name another file with --config`, { cause: error });
    throw error;
  }
}

/** @throws UsageError where it is no database of ours, or of another version */
function checked<T extends Database>(file: string, opening: (file: string) => T): T {
  if (!existsSync(file)) throw new UsageError(`there is no database ${file}: name another one with --db`);
  try {
    const db = opening(file);
    const { user_version = 0 } = db.query<{ user_version: number }, []>("PRAGMA user_version").get() ?? {};
    if (user_version === migrations.length) return db;
    throw new UsageError(
      `${file} is at version ${user_version}, this program knows ${migrations.length}: use that of the server`,
    );
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} cannot be opened: ${reasonOf(error)}`, { cause: error });
  }
}
