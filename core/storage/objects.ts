import { statSync } from "node:fs";
import { join } from "node:path";
import { inWords } from "../common/duration.ts";
import { type Answering, Thread } from "../common/thread.ts";
import { Turns } from "../common/turns.ts";
import type { World } from "../common/world.ts";
import { Cache, type Held } from "./cache.ts";
import type { StorageConfig } from "./config.ts";
import { missing, type ObjectRange, type ObjectStore, requireSize } from "./object-store.ts";
import { openStore } from "./open.ts";
import type { Content, Transfer, TransferTask } from "./transfer.ts";

export type { Held } from "./cache.ts";
export type { Content } from "./transfer.ts";

export interface ObjectsOptions {
  config: StorageConfig;
  /** The data directory. */
  data: string;
  world: World;
  /** A Worker thread unless told. */
  thread?: Answering<TransferTask, Content> | undefined;
}

const MIB = 1024 * 1024;
/** A range of at most so many bytes is read without the rest of its object. */
const SMALL_RANGE = 16 * MIB;

/** So many objects are on their way to the store at the same time: each may take 64 MiB of memory. Of one job, fewer are. */
const MOST_AT_ONCE = 4;
const MOST_LOOKS = 16;

/** What takes longer, ms, has failed: a store that says nothing must not hold up others. A long log is compressed on the way. */
const LIMITS: Record<Transfer["do"], number> = {
  "put file": 600_000,
  "put log": 3_600_000,
  "put text": 600_000,
  fetch: 600_000,
  look: 600_000,
};
/** So much longer for each byte: a megabyte in a second. */
const SLOWEST = 1_000 / MIB;

/** An object to be read, by what it must hold. `name`: of its file in the cache. */
export interface Wanted {
  key: string;
  name: string;
  content: Content;
  /** It is kept decompressed here. */
  zstd?: boolean;
}

/** The object store as the server uses it: what goes there is verified, what comes from there too, and is kept for a while. */
export class Objects {
  readonly store: ObjectStore;
  readonly cache: Cache;
  readonly #options: ObjectsOptions;
  readonly #thread: Answering<TransferTask, Content>;
  readonly #turns = new Turns(MOST_AT_ONCE);
  readonly #looks = new Turns(MOST_LOOKS);
  #temporary = 0;

  constructor(options: ObjectsOptions) {
    const { config, data, world, thread } = options;
    this.#options = options;
    this.store = openStore(config, this.#objects);
    this.cache = new Cache({ dir: join(data, "cache"), world, max: config.cache_mb * MIB });
    this.#thread = thread ?? new Thread(world, "core/storage/transfer.thread.ts");
  }

  /** @throws Error when the object is not in the store afterwards as it should be; likewise the others */
  async putFile(key: string, file: string, content: Content): Promise<Content> {
    return await this.#put({ do: "put file", key, file, content });
  }

  /** Stores a sealed log compressed. @param sha256 of its events */
  async putLog(key: string, log: string, sha256: string): Promise<Content> {
    return await this.#put({ do: "put log", key, log, sha256, temporary: this.#temporaryFile() });
  }

  async putText(key: string, text: string): Promise<Content> {
    return await this.#put({ do: "put text", key, text, temporary: this.#temporaryFile() });
  }

  /** An object as a file of this host, fetched where it is not here. @throws Error when it is not what it must be */
  async hold({ key, name, content, zstd = false }: Wanted): Promise<Held> {
    const path = zstd ? undefined : this.store.path(key);
    if (path === undefined)
      return await this.cache.hold(name, async (to) => {
        await this.#ask({ do: "fetch", key, to, temporary: this.#temporaryFile(), content, zstd });
      });
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) throw missing(key);
    requireSize(key, size, content.size);
    return { path, [Symbol.dispose]: () => {} };
  }

  /** @throws Error when an object that was stored is not there any more, in its size */
  async requireThere(key: string, content: Content): Promise<void> {
    await this.#looks.take(() => this.#ask({ do: "look", key, content }));
  }

  /** A few bytes of an object that is not here; undefined where it pays to fetch the whole. */
  async readRange({ key, name }: Wanted, range: ObjectRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const length = range.last + 1 - range.first;
    if (length > SMALL_RANGE || this.store.path(key) !== undefined || this.cache.has(name)) return undefined;
    const pieces = await this.#within(LIMITS.look, key, () => Array.fromAsync(this.store.get(key, range)));
    const bytes = new Uint8Array(Buffer.concat(pieces));
    if (bytes.byteLength !== length) throw new Error(`object ${key} gave ${bytes.byteLength} of ${length} bytes`);
    return bytes;
  }

  close(): void {
    this.#thread.close();
  }

  async #put(transfer: Transfer): Promise<Content> {
    return await this.#turns.take(() => this.#ask(transfer));
  }

  async #ask(transfer: Transfer): Promise<Content> {
    const limit = LIMITS[transfer.do] + sizeOf(transfer) * SLOWEST;
    const task = { storage: this.#options.config, objects: this.#objects, transfer };
    return await this.#within(limit, transfer.key, () => this.#thread.ask(task));
  }

  async #within<T>(limit: number, key: string, work: () => Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const giveUp = () => late.reject(new Error(`${key} was not done within ${inWords(limit)}`));
    const cancel = this.#options.world.after(limit, giveUp);
    try {
      return await Promise.race([work(), late.promise]);
    } finally {
      cancel();
    }
  }

  get #objects(): string {
    return join(this.#options.data, "objects");
  }

  /** In the cache, whose next opening removes what was left. */
  #temporaryFile = () => this.cache.path(`${++this.#temporary}.new`);
}

function sizeOf(transfer: Transfer): number {
  if (transfer.do === "put text") return transfer.text.length;
  return transfer.do === "put log" ? Bun.file(transfer.log).size : transfer.content.size;
}
