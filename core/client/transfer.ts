import { basename, dirname, join } from "node:path";
import type { OpenFile } from "../common/disk.ts";
import { retry } from "../common/retry.ts";
import type { World } from "../common/world.ts";
import { bodyOf, StreamBroken } from "./body.ts";
import { CallFailed } from "./failure.ts";

/** Bytes of one piece of an upload; the core takes up to 10 MiB in a request. */
export const CHUNK = 5 * 1024 * 1024;
/** Bytes that a piece may have at least. */
const SMALLEST = 16 * 1024;
const PROGRESS_EVERY = 100;
/** Bytes of a download that go to the disk in one write. */
const BATCH = 1024 * 1024;

export interface Transferred {
  size: number;
  /** Hex. */
  sha256: string;
}

/** `total` is undefined while it is not known. Called at most ten times a second, and at the end. */
export type Progress = (done: number, total: number | undefined) => void;

export interface UploadOptions {
  world: World;
  file: string;
  /** Stores `bytes` at `offset`; repeats what may be repeated itself. `bytes` is used again once the promise is settled. */
  putChunk(offset: number, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<unknown>;
  chunkSize?: number;
  /** Pieces in flight at a time; memory is bounded by `parallel * chunkSize`. */
  parallel?: number;
  /** Take a file that changes while it is read as it was read, rather than throw `FileChanged`. */
  mayChange?: boolean;
  signal?: AbortSignal | undefined;
  onProgress?: Progress | undefined;
}

/** The file was written to while it was being read. */
export class FileChanged extends Error {}

/** What came is not what was announced. */
export class WrongContent extends Error {}

/**
 * Sends a file in pieces, several in flight, and hashes it on the way; each byte is read once.
 *
 * @throws FileChanged, whatever `putChunk` throws, and the file system's errors
 */
export async function uploadFile(options: UploadOptions): Promise<Transferred> {
  const { world, file, mayChange, chunkSize = CHUNK, parallel = 4 } = options;
  const handle = await world.disk.open(file, "r");
  try {
    const before = await handle.stat();
    const progress = paced(world, options.onProgress);
    const failed = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
    const pieces = new Pieces(handle);
    let sent = 0;
    const lane = async () => {
      // One byte more than a small file has, so that its first read also shows its end; and not less than what is worth a
      // request, as a file may grow, or be one of those that tell no size.
      const buffer = new Uint8Array(Math.min(chunkSize, Math.max(before.size + 1, SMALLEST)));
      for (let full = true; full; ) {
        signal.throwIfAborted();
        const { offset, length } = await pieces.next(buffer);
        full = length === buffer.length;
        if (length === 0) return;
        await options.putChunk(offset, buffer.subarray(0, length), signal);
        sent += length;
        progress(sent, before.size);
      }
    };
    const lanes = Math.max(1, Math.min(parallel, Math.ceil(before.size / chunkSize)));
    await together(Array.from({ length: lanes }, lane), failed);
    const after = await handle.stat();
    const changed = pieces.read !== before.size || after.size !== before.size || after.mtimeMs !== before.mtimeMs;
    if (changed && !mayChange) throw new FileChanged(`${file} changed while it was being read`);
    progress(sent, sent, true);
    return { size: pieces.read, sha256: pieces.sha256() };
  } finally {
    await handle.close();
  }
}

/** Hands out a file piece by piece, in order, to several takers. */
class Pieces {
  read = 0;
  readonly #handle: OpenFile;
  readonly #hash = new Bun.CryptoHasher("sha256");
  #turn: Promise<unknown> = Promise.resolve();

  constructor(handle: OpenFile) {
    this.#handle = handle;
  }

  /** Fills `buffer` with what comes next; less than its length only at the end of the file. */
  next(buffer: Uint8Array): Promise<{ offset: number; length: number }> {
    const mine = this.#turn.then(() => this.#fill(buffer));
    this.#turn = mine.catch(() => {});
    return mine;
  }

  async #fill(buffer: Uint8Array): Promise<{ offset: number; length: number }> {
    const offset = this.read;
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await this.#handle.read(buffer, length, buffer.length - length, offset + length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    this.#hash.update(buffer.subarray(0, length));
    this.read += length;
    return { offset, length };
  }

  sha256(): string {
    return this.#hash.digest("hex");
  }
}

/** Waits for all; the first that fails stops the others, and its error is thrown once all have come to rest. */
async function together(work: Promise<void>[], stop: AbortController): Promise<void> {
  let first: { error: unknown } | undefined;
  const watch = (error: unknown) => {
    first ??= { error };
    stop.abort(error);
  };
  await Promise.all(work.map((one) => one.catch(watch)));
  if (first) throw first.error;
}

export interface DownloadOptions {
  world: World;
  /** Asks for the bytes from `from` on: 206 where `from` > 0, or 200 with all of them. */
  open(from: number, signal: AbortSignal): Promise<Response>;
  to: string;
  /** As announced; checked where known. */
  size?: number | undefined;
  sha256?: string | null | undefined;
  /** How long to go on trying while nothing arrives, ms. */
  patience?: number;
  signal?: AbortSignal | undefined;
  onProgress?: Progress | undefined;
  onRetry?(error: unknown, wait: number): void;
}

/**
 * Fetches into `to`, which appears only when it is whole and right. A broken connection is taken up again where it broke.
 *
 * @throws WrongContent, CallFailed, the file system's errors, the signal's reason
 */
export async function downloadFile(options: DownloadOptions): Promise<Transferred> {
  const { world, to, signal } = options;
  const part = join(dirname(to), `.${basename(to)}.${world.id()}.part`);
  const handle = await world.disk.open(part, "wx");
  try {
    const sink = new Sink(handle, paced(world, options.onProgress));
    sink.total = options.size;
    const { patience = 60_000, onRetry } = options;
    for (let whole = false; !whole; ) {
      const had = sink.size;
      // Patience starts anew with every byte that arrives.
      whole = await retry(world, () => receive(options, sink, had), {
        retryable: (error) => error instanceof StreamBroken || (error instanceof CallFailed && error.passing),
        patience,
        signal,
        ...(onRetry ? { onRetry } : {}),
      });
    }
    const got = await sink.finish();
    if (options.size !== undefined && got.size !== options.size)
      throw new WrongContent(`${to}: ${got.size} bytes came, ${options.size} were expected`);
    if (options.sha256 && got.sha256 !== options.sha256)
      throw new WrongContent(`${to}: the SHA-256 of what came is ${got.sha256}, expected ${options.sha256}`);
    await handle.close();
    await world.disk.rename(part, to);
    return got;
  } catch (error) {
    await handle.close().catch(() => {});
    await world.disk.rm(part, { force: true });
    signal?.throwIfAborted();
    throw error;
  }
}

/** One connection's worth. True when the file is whole; false when some came and the rest is worth asking for at once. */
async function receive({ world, signal, open }: DownloadOptions, sink: Sink, had: number): Promise<boolean> {
  const stop = new AbortController();
  try {
    const response = await open(sink.size, signal ? AbortSignal.any([signal, stop.signal]) : stop.signal);
    if (sink.size > 0 && response.status !== 206) await sink.restart();
    sink.total ??= totalOf(response);
    for await (const bytes of bodyOf(world, response)) await sink.write(bytes);
    if (sink.total !== undefined && sink.size < sink.total)
      throw new StreamBroken(`the connection ended after ${sink.size} of ${sink.total} bytes`);
    return true;
  } catch (error) {
    if (error instanceof StreamBroken && sink.size > had && !signal?.aborted) return false;
    throw error;
  } finally {
    stop.abort();
  }
}

/** Length of the whole file, as the headers tell it. */
function totalOf(response: Response): number | undefined {
  const range = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
  const length = range ?? (response.status === 200 ? response.headers.get("content-length") : null);
  return length === null ? undefined : Number(length);
}

/** Where a download lands: hashed and written in order, in batches, one of them on its way to the disk while the next comes in. */
class Sink {
  size = 0;
  total: number | undefined;
  readonly #handle: OpenFile;
  readonly #progress: PacedProgress;
  #hash = new Bun.CryptoHasher("sha256");
  #batch: Uint8Array[] = [];
  #batched = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(handle: OpenFile, progress: PacedProgress) {
    this.#handle = handle;
    this.#progress = progress;
  }

  /** The server began again from the first byte, so do we. */
  async restart(): Promise<void> {
    await this.#writing;
    await this.#handle.truncate(0);
    this.size = 0;
    this.#batch = [];
    this.#batched = 0;
    this.#hash = new Bun.CryptoHasher("sha256");
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    this.#batch.push(bytes);
    this.#batched += bytes.length;
    this.size += bytes.length;
    if (this.#batched >= BATCH) await this.#flush();
    this.#progress(this.size, this.total);
  }

  async finish(): Promise<Transferred> {
    await this.#flush();
    await this.#writing;
    this.#progress(this.size, this.size, true);
    return { size: this.size, sha256: this.#hash.digest("hex") };
  }

  async #flush(): Promise<void> {
    await this.#writing;
    if (this.#batched === 0) return;
    const [batch, length, at] = [this.#batch, this.#batched, this.size - this.#batched];
    this.#batch = [];
    this.#batched = 0;
    this.#writing = this.#handle.writev(batch, at).then(({ bytesWritten }) => {
      if (bytesWritten !== length) throw new Error("the disk took only a part: is it full?");
    });
    // Looked at by the next flush.
    this.#writing.catch(() => {});
  }
}

type PacedProgress = (done: number, total: number | undefined, last?: boolean) => void;

function paced(world: World, onProgress: Progress | undefined): PacedProgress {
  if (!onProgress) return () => {};
  let next = 0;
  return (done, total, last = false) => {
    if (!last && world.now() < next) return;
    next = world.now() + PROGRESS_EVERY;
    onProgress(done, total);
  };
}
