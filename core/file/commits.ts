import type { Bells } from "../common/bells.ts";
import { diskFull, isDiskFull } from "../common/disk-full.ts";
import { reasonOf } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import { Refused } from "../common/refused.ts";
import { type Answering, Thread } from "../common/thread.ts";
import { Turns } from "../common/turns.ts";
import type { World } from "../common/world.ts";
import type { AheadTask } from "./ahead.ts";
import { Arrival } from "./arrival.ts";
import type { Files } from "./files.ts";
import type { StoreResult, StoreTask } from "./store.ts";

/** What a client asks to be made of its chunks. The same `commit` of a job must always mean the same. */
export interface Commitment {
  kind: "input" | "output";
  /** Name of the input, path of the output. */
  name: string;
  size: number;
  /** Chunks to join; empty for a file that was written in place. */
  chunks: readonly string[];
  /** Hex. Needed for a file that was written in place, as a hole in it shows only here. */
  sha256?: string | undefined;
}

export interface StoredFile {
  id: string;
  size: number;
  sha256: string;
}

/** `full`: it failed for want of space alone, and is begun anew by the next call after the one that is told so. */
export type CommitState =
  | { state: "pending" }
  | { state: "full" }
  | { state: "done"; file: StoredFile }
  | { state: "failed"; error: string };

/** As a caller sees it. */
export type Begun = Exclude<CommitState, { state: "full" }>;

interface Commit {
  /** Hash of what was asked for. */
  what: string;
  state: CommitState;
}

/** Hashes and stores files; see store.thread.ts. */
export type Storing = Answering<AheadTask | StoreTask, StoreResult | undefined>;

export interface CommitsOptions {
  files: Files;
  bells: Bells;
  world: World;
  logger: Logger;
  /** A Worker thread unless told. */
  storing?: Storing | undefined;
}

/** So many files are checked at the same time; the others wait. */
const MOST_AT_ONCE = 4;

const topic = (job: string, commit: string) => `commit ${job} ${commit}`;

/**
 * Makes files of what was uploaded. Commits are known by job and id for as long as the process lives or the job goes on;
 * beyond that, the row that `onStored` writes is what makes them repeatable.
 */
export class Commits {
  readonly #files: Files;
  readonly #bells: Bells;
  readonly #world: World;
  readonly #logger: Logger;
  readonly #thread: Storing;
  readonly #jobs = new Map<string, Map<string, Commit>>();
  readonly #arrivals = new Map<string, Arrival>();
  readonly #turns = new Turns(MOST_AT_ONCE);
  #closed = false;

  constructor({ files, bells, world, logger, storing }: CommitsOptions) {
    this.#files = files;
    this.#bells = bells;
    this.#world = world;
    this.#logger = logger;
    this.#thread = storing ?? new Thread(world, "core/file/store.thread.ts");
  }

  /**
   * Begins a commit, or tells how the same one stands. `onStored` records the file; what it throws becomes the commit's
   * error, and the file is removed.
   *
   * @throws Refused 400 for an id that meant something else before and for a file that is too large, 507
   */
  start(job: string, id: string, commitment: Commitment, onStored: (file: StoredFile) => void): Begun {
    const { kind, name, size, chunks, sha256 } = commitment;
    // A list of chunks may be megabytes long, and is remembered for as long as the job goes on.
    const what = Bun.CryptoHasher.hash("sha256", JSON.stringify([kind, name, size, chunks, sha256]), "hex");
    const known = this.#jobs.get(job)?.get(id);
    if (known) {
      if (known.what !== what) throw new Refused(400, `commit ${id} was asked for before with other arguments`);
      if (known.state.state !== "full") return known.state;
      this.#jobs.get(job)?.delete(id);
      throw diskFull();
    }
    const { perFile } = this.#files.limits;
    if (size > perFile) throw new Refused(400, `${name} has ${size} bytes, a file may have ${perFile}`);
    if (size > 0 && chunks.length === 0 && sha256 === undefined)
      throw new Refused(400, `${name} needs its chunks, or the sha256 of what was uploaded under commit ${id}`);
    const commit: Commit = { what, state: { state: "pending" } };
    const commits = this.#jobs.get(job) ?? new Map<string, Commit>();
    this.#jobs.set(job, commits.set(id, commit));
    void this.#run(job, id, commit, commitment, onStored);
    return { state: "pending" };
  }

  /** How a commit stands; undefined for one that this process does not know. */
  state(job: string, id: string): CommitState | undefined {
    return this.#jobs.get(job)?.get(id)?.state;
  }

  /** How many commits of a job are under way. */
  pending(job: string): number {
    return [...(this.#jobs.get(job)?.values() ?? [])].filter(({ state }) => state.state === "pending").length;
  }

  /** Resolves once a commit is not pending any more, or when `signal` fires. */
  async wait(job: string, id: string, signal: AbortSignal): Promise<CommitState | undefined> {
    for (;;) {
      const heard = this.#bells.version(topic(job, id));
      const state = this.state(job, id);
      if (state?.state !== "pending" || signal.aborted) return state;
      await this.#bells.wait(topic(job, id), heard, signal);
    }
  }

  /** Resolves once no commit of a job that takes no new ones is under way, or when `signal` fires. */
  async settle(job: string, signal: AbortSignal): Promise<void> {
    for (const id of this.#jobs.get(job)?.keys() ?? []) await this.wait(job, id, signal);
  }

  /** Stores a chunk in place. @throws Refused 409 once the file is being committed, 413 */
  async putPart(
    job: string,
    id: string,
    offset: number,
    body: ReadableStream<Uint8Array> | null,
    length?: number,
  ): Promise<void> {
    const state = this.state(job, id)?.state;
    if (state === "pending" || state === "done") throw new Refused(409, `commit ${id} is ${state}: it takes no more chunks`);
    const part = this.#files.partPath(job, id);
    const arrival = this.#arrivals.get(part) ?? new Arrival();
    this.#arrivals.set(part, arrival);
    arrival.touch(offset);
    let size: number;
    try {
      size = await this.#files.putPart(job, id, offset, body, length);
    } finally {
      // Whatever was written: another copy of this chunk may have been handed out for hashing meanwhile.
      arrival.touch(offset);
    }
    const upTo = arrival.add(offset, offset + size);
    if (upTo !== undefined) void this.#hashAhead({ part, upTo });
  }

  async #hashAhead(task: AheadTask): Promise<void> {
    try {
      await this.#thread.ask(task);
    } catch (error) {
      if (!this.#closed) this.#logger.warn("cannot hash a file ahead of its commit", { file: task.part, error });
    }
  }

  /** Forgets the commits of a job that takes no more of them. */
  forget(job: string): void {
    this.#jobs.delete(job);
    const parts = this.#files.partPath(job, "0").slice(0, -"0.part".length);
    for (const part of this.#arrivals.keys()) if (part.startsWith(parts)) this.#arrivals.delete(part);
  }

  close(): void {
    this.#closed = true;
    this.#thread.close();
  }

  async #run(
    job: string,
    id: string,
    commit: Commit,
    commitment: Commitment,
    onStored: (file: StoredFile) => void,
  ): Promise<void> {
    try {
      const file = await this.#turns.take(() => this.#store(job, id, commitment, onStored));
      commit.state = { state: "done", file };
    } catch (error) {
      // What fails because the server stops has not failed: the next process begins it again.
      if (!this.#closed) commit.state = isDiskFull(error) ? { state: "full" } : { state: "failed", error: reasonOf(error) };
    } finally {
      this.#bells.ring(topic(job, id));
    }
  }

  async #store(job: string, commit: string, what: Commitment, onStored: (file: StoredFile) => void): Promise<StoredFile> {
    const { size, sha256, chunks } = what;
    const files = this.#files;
    const id = this.#world.id();
    await files.settle(job, commit);
    const inPlace = chunks.length === 0 && size > 0;
    // Bytes that are in place are counted already.
    if (!inPlace) await files.reserve(job, id, size);
    const part = files.partPath(job, commit);
    const from = inPlace
      ? { part, fresh: this.#arrivals.get(part)?.rewritten ?? true }
      : { chunks: chunks.map((chunk) => ({ id: chunk, path: files.chunkPath(job, chunk) })) };
    const file = { id, size, sha256: "" };
    try {
      file.sha256 = await this.#check({ to: files.path(job, id), size, sha256, ...from });
      onStored(file);
    } catch (error) {
      await files.remove(job, id);
      throw error;
    }
    this.#arrivals.delete(part);
    if (inPlace) await files.adoptPart(job, commit, file);
    return file;
  }

  async #check(task: StoreTask): Promise<string> {
    try {
      const result = await this.#thread.ask(task);
      if (!result) throw new Error("the thread has no result");
      if ("full" in result) throw diskFull();
      if ("problem" in result) throw new Unusable(result.problem);
      return result.sha256;
    } catch (error) {
      if (error instanceof Unusable || isDiskFull(error)) throw error;
      if (!this.#closed) this.#logger.error("cannot store an uploaded file", { file: task.to, error });
      throw new Error("the server could not store the file; its own log says why");
    }
  }
}

/** The upload is not what its owner said; the message tells how. */
class Unusable extends Error {}
