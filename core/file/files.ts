import { constants, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Disk, OpenFile } from "../common/disk.ts";
import { codeOf } from "../common/errors.ts";
import { Refused } from "../common/refused.ts";
import type { World } from "../common/world.ts";
import { list, Usage } from "./usage.ts";
import { writeBody } from "./write-body.ts";

/** One upload request carries at most this many bytes; clients use 5 MiB. */
export const MAX_CHUNK = 10 * 1024 * 1024;

export interface FileLimits {
  /** Bytes of one input or output. */
  perFile: number;
  /** Bytes of all files of a job together, chunks included. */
  perJob: number;
}

type Body = ReadableStream<Uint8Array> | null;

/**
 * The files of all jobs, in a directory:
 *
 *     chunk/JOB/CHUNK        one uploaded chunk
 *     file/JOB/COMMIT.part   a file that is written in place by its chunks
 *     file/JOB/FILE          an input or output that was committed, never changed again
 */
export class Files {
  readonly limits: FileLimits;
  readonly #dir: string;
  readonly #world: World;
  readonly #usage: Usage;
  /** Writes to a part that are under way. */
  readonly #writing = new Map<string, Set<{ stop: AbortController; done: Promise<void> }>>();

  constructor({ dir, world, limits }: { dir: string; world: World; limits: FileLimits }) {
    this.#dir = dir;
    this.#world = world;
    this.limits = limits;
    this.#usage = new Usage((job) => [this.#chunkDir(job), this.#fileDir(job)], limits.perJob);
  }

  /**
   * Stores one chunk and names it.
   *
   * @param length bytes of the body, where the request says so
   * @throws Refused 413, 409 when the chunks of the job were discarded meanwhile
   */
  async putChunk(job: string, body: Body, length: number | undefined): Promise<string> {
    const id = this.#world.id();
    const file = this.chunkPath(job, id);
    this.#usage.reserve(job, id, length ?? MAX_CHUNK);
    const handle = await openIn(
      this.#disk,
      this.#chunkDir(job),
      `${file}.new`,
      constants.O_CREAT | constants.O_WRONLY | constants.O_TRUNC,
    );
    try {
      const size = await writeBody(handle, body, { at: 0, max: MAX_CHUNK });
      await this.#nameChunk(job, file);
      this.#usage.settle(job, id, size);
      return id;
    } catch (error) {
      this.#usage.settle(job, id, 0);
      await this.#disk.rm(`${file}.new`, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  }

  async #nameChunk(job: string, file: string): Promise<void> {
    try {
      await this.#disk.rename(`${file}.new`, file);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
      throw new Refused(409, `job ${job} takes no more chunks`, { cause: error });
    }
  }

  /**
   * Writes a chunk where it belongs in the file that is being put together under `commit`: in any order, several at a time,
   * and again after a failure. The file may have been committed meanwhile, so whoever calls asks `Commits` first.
   *
   * @returns the length of the chunk
   * @throws Refused 413, 409 when the commit began meanwhile
   */
  async putPart(job: string, commit: string, offset: number, body: Body, length: number | undefined): Promise<number> {
    const { perFile } = this.limits;
    const end = offset + (length ?? 0);
    if (end > perFile) throw new Refused(413, `a file may have ${perFile} bytes, this chunk would end at ${end}`);
    const file = this.partPath(job, commit);
    // A body that does not tell its length counts as the longest that there can be.
    this.#usage.reserve(job, `${commit}.part`, length === undefined ? Math.min(offset + MAX_CHUNK, perFile) : end);
    const stop = new AbortController();
    const work = this.#writePart(job, file, offset, body, stop.signal);
    const entry = { stop, done: work.then(noop, noop) };
    const writing = this.#writing.get(file) ?? new Set();
    this.#writing.set(file, writing.add(entry));
    try {
      return await work;
    } finally {
      writing.delete(entry);
      if (writing.size === 0) this.#writing.delete(file);
    }
  }

  async #writePart(job: string, file: string, at: number, body: Body, stop: AbortSignal): Promise<number> {
    const handle = await openIn(this.#disk, this.#fileDir(job), file, constants.O_CREAT | constants.O_RDWR);
    try {
      return await writeBody(handle, body, { at, max: Math.min(MAX_CHUNK, this.limits.perFile - at), stop });
    } finally {
      await handle.close();
    }
  }

  /** Cuts off what is still being written to a part, so that it does not change any more. */
  async settle(job: string, commit: string): Promise<void> {
    const writing = [...(this.#writing.get(this.partPath(job, commit)) ?? [])];
    for (const { stop } of writing) stop.abort();
    await Promise.all(writing.map(({ done }) => done));
  }

  chunkPath = (job: string, chunk: string) => join(this.#chunkDir(job), plain(chunk));
  partPath = (job: string, commit: string) => join(this.#fileDir(job), `${plain(commit)}.part`);
  /** Where a committed file is, if it is here. */
  path = (job: string, file: string) => join(this.#fileDir(job), plain(file));

  /** Makes room for a committed file of `size` bytes. @throws Refused 413 */
  async reserve(job: string, file: string, size: number): Promise<void> {
    this.#usage.reserve(job, file, size);
    await this.#disk.mkdir(this.#fileDir(job), { recursive: true });
  }

  /** Removes the file of a commit that failed after all. */
  async remove(job: string, file: string): Promise<void> {
    await this.#disk.rm(this.path(job, file), { force: true });
    this.#usage.settle(job, file, 0);
  }

  /** The part of a commit is stored as a file by now: removes its first name, under which its bytes were counted. */
  async adoptPart(job: string, commit: string, { id, size }: { id: string; size: number }): Promise<void> {
    await this.#disk.rm(this.partPath(job, commit), { force: true });
    this.#usage.settle(job, `${commit}.part`, 0);
    this.#usage.settle(job, id, size);
  }

  /** Removes chunks and unfinished files of a job that takes no more of them. */
  discard(job: string): void {
    rmSync(this.#chunkDir(job), { recursive: true, force: true });
    for (const name of list(this.#fileDir(job)))
      if (name.endsWith(".part")) rmSync(join(this.#fileDir(job), name), { force: true });
    this.#usage.forget(job);
  }

  /** Removes all files of a job that are kept elsewhere. */
  async clear(job: string): Promise<void> {
    await this.#disk.rm(this.#fileDir(job), { recursive: true, force: true });
    this.#usage.forget(job);
  }

  /**
   * At start: removes what a process that was killed left behind.
   *
   * @param jobs of which there may be something; `active`: the job may still take files
   * @param isKnown whether a file of a job has been recorded
   */
  sweep(jobs: Iterable<{ id: string; active: boolean }>, isKnown: (job: string, file: string) => boolean): void {
    for (const { id: job, active } of jobs) {
      const dir = this.#fileDir(job);
      const [parts = [], files = []] = [true, false].map((isPart) =>
        list(dir).filter((name) => name.endsWith(".part") === isPart),
      );
      for (const name of files) if (!isKnown(job, name)) rmSync(join(dir, name), { recursive: true });
      // A part that has a second name was committed, and must not change any more.
      for (const name of parts) if (statSync(join(dir, name)).nlink > 1) rmSync(join(dir, name));
      if (!active) this.discard(job);
    }
  }

  get #disk(): Disk {
    return this.#world.disk;
  }

  #chunkDir = (job: string) => join(this.#dir, "chunk", plain(job));
  #fileDir = (job: string) => join(this.#dir, "file", plain(job));
}

const noop = () => {};

const isPlain = (id: string) => /^[0-9A-Za-z]+$/.test(id);

/** No id leads out of the directory, whoever forgot to check it. */
function plain(id: string): string {
  if (!isPlain(id)) throw new Error(`not an id: ${id}`);
  return id;
}

/** Opens a file, making the directory where it is missing. */
async function openIn(disk: Disk, dir: string, file: string, flags: number): Promise<OpenFile> {
  try {
    return await disk.open(file, flags);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    await disk.mkdir(dir, { recursive: true });
    return await disk.open(file, flags);
  }
}
