import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Bells } from "../common/bells.ts";
import { Refused } from "../common/refused.ts";
import { type Answering, Thread } from "../common/thread.ts";
import type { World } from "../common/world.ts";
import { checkEvents, type LogEvent, type NewEvent } from "./event.ts";
import { type Appended, blankLog, createLog, LogFile, logExists, type Sealed } from "./log-file.ts";
import { Lru } from "./lru.ts";
import { type Records, SharedRecords } from "./records.ts";
import { eventsOf, linesOf } from "./row.ts";

export type { LogEvent, NewEvent } from "./event.ts";
export type { Appended, Sealed } from "./log-file.ts";

/** Where a batch comes from. */
export interface Origin {
  /** Who wrote it: each writer of a log numbers its own events. */
  source: string;
  /** Number of the first event in the source's own numbering, from 1; absent: what is sent twice is stored twice. */
  first?: number | undefined;
}

export interface Batch extends Origin {
  events: readonly NewEvent[];
}

export interface LogsOptions {
  dir: string;
  world: World;
  bells: Bells;
  /** Seals the log in the file that it is asked for; a Worker thread unless told. */
  sealer?: Answering<string, Sealed> | undefined;
  /** Where the copy of a sealed log is, or would be, whose own file is not here any more. */
  copies?: ((id: string) => string) | undefined;
}

const MOST_OPEN = 64;
const MOST_DECODED = 4;
const IDLE = 10_000;
/** A page ends early when its payloads are longer than this in all. Characters. */
const MOST_PAGE = 4 * 1024 * 1024;

/** What a follower gets at once. */
const RECORDS_EVENTS = 1_000;
const RECORDS_SIZE = 256 * 1024;

interface Open {
  log: LogFile;
  used: number;
}

/** Topic of the bell that rings when the log `id` has grown. */
export const logTopic = (id: string) => `log ${id}`;

/** All logs under one directory, each an SQLite file of its own. */
export class Logs {
  readonly #dir: string;
  readonly #world: World;
  readonly #bells: Bells;
  readonly #blank = blankLog();
  readonly #open = new Lru<Open>(MOST_OPEN, ({ log }) => log.close());
  /** Rows that were read last, decoded: readers come in pages that are smaller than a row. */
  readonly #decoded = new Lru<LogEvent[]>(MOST_DECODED);
  readonly #thread: Answering<string, Sealed>;
  readonly #records = new SharedRecords();
  readonly #sealing = new Map<string, Promise<Sealed>>();
  readonly #copies: ((id: string) => string) | undefined;
  #cancelSweep: (() => void) | undefined;

  constructor({ dir, world, bells, sealer, copies }: LogsOptions) {
    this.#dir = dir;
    this.#copies = copies;
    this.#world = world;
    this.#bells = bells;
    this.#thread = sealer ?? new Thread(world, "core/log/seal.thread.ts");
  }

  /**
   * Writes a batch as a whole or not at all. What a numbering source sent before is dropped; after a gap nothing is stored
   * and the answer says which number is wanted.
   *
   * @throws Refused 400 for a malformed event, 409 when the log is sealed
   */
  append(id: string, batch: Batch): Appended {
    return this.#append(id, batch, batch.events);
  }

  /**
   * The same for a batch that came as JSON: an array of events, stored as it came wherever possible.
   *
   * @throws Refused 400 also when it is no JSON
   */
  appendBody(id: string, origin: Origin, body: Uint8Array<ArrayBuffer>): Appended {
    return this.#append(id, origin, parse(body), body);
  }

  #append(id: string, { source, first }: Origin, given: unknown, raw?: Uint8Array<ArrayBuffer>): Appended {
    const { events, changed } = checkEvents(given);
    const log = this.#get(id);
    const wanted = log.wanted(source);
    const known = first === undefined ? 0 : wanted - first;
    if (known < 0 || known >= events.length) return { next: wanted, last: log.last };
    if (this.#sealing.has(id) || log.sealed) throw new Refused(409, `log ${id} is sealed: nothing can be added to it`);
    const fresh = known > 0 ? events.slice(known) : events;
    const next = first === undefined ? undefined : first + events.length;
    log.store(source, this.#world.now(), fresh, next, fresh === events && !changed ? raw : undefined);
    this.#bells.ring(logTopic(id));
    return { next: next ?? wanted, last: log.last };
  }

  /** Bytes that a log takes on the disk, compressed as it is; 0 of one that is not there. */
  sizeOnDisk(id: string): number {
    return statSync(this.path(id), { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Sequence number of the last event; 0 of a log that is empty or not there. */
  last(id: string): number {
    return this.#find(id)?.last ?? 0;
  }

  /**
   * At most `limit` events from sequence number `from` on; fewer where they are large, none only at the end.
   *
   * @param most characters of payload after which the page ends
   */
  read(id: string, from: number, limit: number, most = MOST_PAGE): LogEvent[] {
    const log = this.#find(id);
    const page: LogEvent[] = [];
    let size = 0;
    let seq = Math.max(1, from);
    while (log && page.length < limit && size < most) {
      const row = this.#row(id, log, seq);
      if (!row) break;
      for (const event of row.slice(seq - (row[0]?.seq ?? seq))) {
        if (page.length >= limit || size >= most) break;
        page.push(event);
        size += event.payload.length;
        seq++;
      }
    }
    return page;
  }

  /** The log from `from` on as JSON lines, in pieces of a few megabytes at most. The log may grow or be sealed meanwhile. */
  *lines(id: string, from = 1): Generator<Uint8Array<ArrayBuffer>> {
    for (let seq = Math.max(1, from); ; ) {
      const events = this.read(id, seq, 4_000);
      if (events.length === 0) return;
      yield linesOf(events);
      seq += events.length;
    }
  }

  /** The next events for a follower who has read up to `from`, encoded once for all followers; undefined at the end. */
  records(id: string, from: number): Records | undefined {
    return this.#records.read(`${id} ${from}`, () => this.read(id, from, RECORDS_EVENTS, RECORDS_SIZE));
  }

  /**
   * Closes a log for ever and tells its count, length and hash. Nothing waits for it: a thread does the work, readers go on
   * reading. Sealing again gives the same answer; what a killed process left half-way is begun anew.
   */
  async seal(id: string): Promise<Sealed> {
    const log = this.#get(id);
    if (log.sealed) return log.sealed;
    const sealing = this.#sealing.get(id) ?? this.#thread.ask(this.path(id)).finally(() => this.#sealing.delete(id));
    this.#sealing.set(id, sealing);
    return await sealing;
  }

  sealed(id: string): Sealed | undefined {
    return this.#find(id)?.sealed;
  }

  /** Removes the file of a sealed log, a copy of which is kept elsewhere. */
  remove(id: string): void {
    this.#open.delete(id);
    for (const suffix of ["", "-wal", "-shm"]) rmSync(this.path(id) + suffix, { force: true });
  }

  close(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    this.#thread.close();
    for (const [id] of this.#open.entries()) this.#open.delete(id);
  }

  /** The decoded row that holds `seq`. */
  #row(id: string, log: LogFile, seq: number): LogEvent[] | undefined {
    const head = log.find(seq);
    if (!head) return undefined;
    const known = this.#decoded.get(`${id} ${head.first} ${head.count}`);
    if (known) return known;
    const row = log.row(seq);
    if (!row) throw new Error(`log ${id} has lost event ${seq}`);
    const events = eventsOf(row);
    if (events.length > 1) this.#decoded.set(`${id} ${row.first} ${row.count}`, events);
    return events;
  }

  #find(id: string): LogFile | undefined {
    return this.#open.get(id) || logExists(this.path(id)) || this.#copyOf(id) ? this.#get(id) : undefined;
  }

  #copyOf(id: string): string | undefined {
    const copy = this.#copies?.(id);
    return copy !== undefined && logExists(copy) ? copy : undefined;
  }

  #get(id: string): LogFile {
    const known = this.#open.get(id);
    const now = this.#world.now();
    if (known) {
      known.used = now;
      return known.log;
    }
    const log = this.#openLog(id);
    this.#open.set(id, { log, used: now });
    this.#cancelSweep ??= this.#world.after(IDLE, () => this.#sweep());
    return log;
  }

  #openLog(id: string): LogFile {
    const file = this.path(id);
    if (logExists(file)) return new LogFile(file);
    const copy = this.#copyOf(id);
    if (copy !== undefined) return new LogFile(copy, { copy: true });
    createLog(file, this.#blank);
    return new LogFile(file, { fresh: true });
  }

  #sweep(): void {
    const idle = this.#world.now() - IDLE;
    for (const [id, { used }] of this.#open.entries()) if (used <= idle) this.#open.delete(id);
    this.#cancelSweep = this.#open.entries().length > 0 ? this.#world.after(IDLE, () => this.#sweep()) : undefined;
  }

  /** The file of a log. @throws Error for what is no id */
  path(id: string): string {
    if (!/^[A-Za-z0-9]+$/.test(id)) throw new Error(`not the id of a log: ${id}`);
    return join(this.#dir, id.slice(-2), `${id}.sqlite`);
  }
}

function parse(body: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch (cause) {
    throw new Refused(400, "the body is not UTF-8", { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Refused(400, "the body is not valid JSON", { cause });
  }
}
