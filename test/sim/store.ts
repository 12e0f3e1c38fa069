import { Database } from "bun:sqlite";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Answering } from "../../core/common/thread.ts";
import type { Content, TransferTask } from "../../core/storage/transfer.ts";
import { transfer } from "../../core/storage/transfer.ts";
import type { Climate } from "./climate.ts";
import type { Process } from "./process.ts";

/** Most requests take so long at most, slow ones this or that, ms. The last one is longer than the server waits. */
const QUICK = 2_000;
const SLOW = [120_000, 2 * 3600_000] as const;

export interface StoreOptions {
  climate(): Climate;
  /** Has the clock stand still while real bytes are moved. */
  busy<T>(work: Promise<T>): Promise<T>;
}

/**
 * The thread between a server's process and the object store, which outlives it. The bytes are real: what takes its time is
 * the way there, and each request is done as a whole or not at all.
 */
export function aTransferThread(process: Process, { climate, busy }: StoreOptions): Answering<TransferTask, Content> {
  const { random, world } = process;
  return {
    ask: async (task) => {
      const { storeFails, storeAnswerLost, storeSlow } = climate();
      await world.sleep(random.between(0, random.chance(storeSlow) ? random.pick(SLOW) : QUICK));
      process.touch();
      if (random.chance(storeFails)) throw new Error("the object store is not to be reached");
      const content = await busy(transfer(task));
      process.touch();
      if (random.chance(storeAnswerLost)) throw new Error("the object store's answer was lost");
      return content;
    },
    close: () => {},
  };
}

/** What the store has of jobs, as anybody would find it there. */
export class Stored {
  readonly #dir: string;

  constructor(data: string) {
    this.#dir = join(data, "objects");
  }

  path = (key: string): string => join(this.#dir, key);

  /** The rows of a job's record. */
  record(job: string): { verdicts: { attempt: number; seq: number }[]; log: Content; files: ({ id: string } & Content)[] } {
    return JSON.parse(readFileSync(this.path(`job/1/${job}.json`), "utf8")).record;
  }

  /** The database of a job's log. */
  log = (job: string): Database =>
    Database.deserialize(Bun.zstdDecompressSync(readFileSync(this.path(`log/1/${job}.sqlite.zst`))));

  /** What is wrong with the objects of an archived job. */
  fault(job: string): string | undefined {
    try {
      const { log, files } = this.record(job);
      return (
        this.#differs(`log/1/${job}.sqlite.zst`, log) ??
        files.map((file) => this.#differs(`file/${job}/${file.id}`, file)).find((fault) => fault !== undefined)
      );
    } catch (error) {
      return String(error);
    }
  }

  #differs(key: string, { size, sha256 }: Content): string | undefined {
    const bytes = readFileSync(this.path(key));
    const same = bytes.length === size && Bun.CryptoHasher.hash("sha256", bytes, "hex") === sha256;
    return same ? undefined : `${key} is not what the record says`;
  }
}
