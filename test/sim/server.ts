import type { Database } from "bun:sqlite";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { createApp } from "../../core/app.ts";
import type { Logger } from "../../core/common/logger.ts";
import type { Answering } from "../../core/common/thread.ts";
import { Config } from "../../core/config.ts";
import type { Core } from "../../core/core.ts";
import type { Storing } from "../../core/file/commits.ts";
import { storeFile } from "../../core/file/store.ts";
import { keepArchive } from "../../core/job/archive/keep.ts";
import { sealEndedJobs } from "../../core/job/seal.ts";
import type { Sealed } from "../../core/log/logs.ts";
import { sealLog } from "../../core/log/seal.ts";
import { openCore } from "../../core/open.ts";
import { runScheduler } from "../../core/schedule/scheduler.ts";
import type { Endpoint } from "./network.ts";
import type { Process } from "./process.ts";
import { aTransferThread, type StoreOptions } from "./store.ts";

export const ADMIN_TOKEN = "simulated-admin-token";

/** Limits that a simulated hour reaches. Seconds. */
const SCHEDULE = { boot_limit: 300, idle_limit: 300, silence_limit: 600 };
const MAX_RUNTIME = 1800;
const RETENTION = 60;
/** A thread takes so long at most, one time or another, ms. */
const SLOW_THREAD = [5, 100, 3_000, 30_000] as const;

export const configIn = (data: string): Config =>
  Value.Decode(
    Config,
    Value.Default(Config, {
      general: { listen: "127.0.0.1:1", data },
      admin: { token: ADMIN_TOKEN },
      job: { max_runtime: MAX_RUNTIME },
      schedule: SCHEDULE,
      archive: { auto: true, purge: true, retention: RETENTION },
    }),
  );

export const databaseIn = (data: string): string => join(data, "core.sqlite");

/** One life of the server's process: the real core without sockets. */
export class Server implements Endpoint {
  readonly process: Process;
  readonly core: Core;
  readonly #app: ReturnType<typeof createApp>;
  readonly #close: () => void;
  readonly #down = new AbortController();
  readonly #query: Database["query"];
  /** Told after each transaction, before anything comes of it. */
  onCommit: () => void = () => {};

  /** @throws Killed when the process dies while it starts */
  constructor(data: string, process: Process, logger: Logger, store: StoreOptions, failed: (error: unknown) => void) {
    this.process = process;
    const { core, close } = openCore(configIn(data), {
      world: process.world,
      logger,
      shutdown: this.#down.signal,
      sealer: aThread(process, async (file: string): Promise<Sealed> => sealLog(file)),
      storing: aStoringThread(process),
      transferring: aTransferThread(process, store),
    });
    this.core = core;
    this.#query = core.db.query;
    this.#close = close;
    this.#guard(core.db);
    this.#app = createApp(core);
    for (const part of [runScheduler(core), sealEndedJobs(core), keepArchive(core)])
      part.catch((error: unknown) => {
        if (process.alive) failed(error);
      });
  }

  handle(request: Request): Promise<Response> {
    return this.#app.handle(request);
  }

  /** In good order: polls answer, streams end. */
  stop(): void {
    this.#down.abort();
  }

  /** After the process has ended: lets go of its files, as the kernel does. */
  bury(): void {
    this.process.kill();
    this.core.db.query = this.#query;
    this.#close();
  }

  /** A process can be killed before a transaction's end, and between it and what follows. */
  #guard(db: Database): void {
    const { process } = this;
    const query = db.query.bind(db);
    db.query = ((sql: string) => {
      if (!process.alive) process.touch();
      return query(sql);
    }) as Database["query"];
    const transaction = db.transaction.bind(db);
    db.transaction = ((work: (...args: unknown[]) => unknown) => {
      const guarded = transaction((...args: unknown[]) => {
        const result = work(...args);
        process.touch();
        return result;
      });
      const immediate = guarded.immediate.bind(guarded);
      const outermost = (...args: unknown[]) => {
        const result = immediate(...args);
        this.onCommit();
        process.touch();
        return result;
      };
      return Object.assign((...args: unknown[]) => guarded(...args), { immediate: outermost });
    }) as Database["transaction"];
  }
}

/** A thread that answers when the clock says so. */
function aThread<Ask, Answer>(process: Process, work: (ask: Ask) => Promise<Answer>): Answering<Ask, Answer> {
  return {
    ask: async (ask) => {
      await process.world.sleep(process.random.between(0, process.random.pick(SLOW_THREAD)));
      process.touch();
      const answer = await work(ask);
      process.touch();
      return answer;
    },
    close: () => {},
  };
}

/** Hashing ahead is an economy that changes nothing: here all is hashed at the end. */
const aStoringThread = (process: Process): Storing =>
  aThread(process, async (task) => ("to" in task ? await storeFile(task, undefined, process.world.disk) : undefined));
