import { eventLine } from "../common/event-line.ts";
import type { LogEvent, NewEvent } from "./event.ts";

/** Which events a row of the table `batch` holds. */
export interface RowHead {
  first: number;
  count: number;
}

/** A row of the table `batch`, without its source. */
export interface Row extends RowHead {
  time: number;
  form: "events" | "lines";
  zstd: 0 | 1;
  body: Uint8Array<ArrayBuffer>;
}

/** What one row holds at most, so that reading a single event of it stays cheap. */
const MOST_EVENTS = 5_000;
const MOST_BYTES = 2 * 1024 * 1024;
/** A smaller body is not worth compressing. */
const WORTH_ZSTD = 1024;

export interface Packed {
  zstd: 0 | 1;
  body: Uint8Array;
}

/** Compresses at `level` where it pays. */
export function pack(body: Uint8Array<ArrayBuffer>, level: number): Packed {
  if (body.byteLength < WORTH_ZSTD) return { zstd: 0, body };
  const packed = Bun.zstdCompressSync(body, { level });
  return packed.byteLength < body.byteLength ? { zstd: 1, body: packed } : { zstd: 0, body };
}

export const unpack = (row: Row): Uint8Array<ArrayBuffer> =>
  row.zstd ? new Uint8Array(Bun.zstdDecompressSync(row.body)) : row.body;

/** What an append stores: `raw`, the JSON that holds just these events, wherever it can be kept as it came. */
export function* toRows(events: readonly NewEvent[], raw?: Uint8Array<ArrayBuffer>): Generator<{ count: number } & Packed> {
  if (raw && events.length <= MOST_EVENTS && raw.byteLength <= MOST_BYTES) {
    yield { count: events.length, ...pack(raw, 1) };
    return;
  }
  for (const part of split(events)) yield { count: part.length, ...pack(encode(part), 1) };
}

const encode = (events: readonly NewEvent[]) =>
  new TextEncoder().encode(
    JSON.stringify(events.map(({ stream, time, payload, task }) => ({ stream, time, payload, task: task ?? undefined }))),
  );

function* split(events: readonly NewEvent[]): Generator<readonly NewEvent[]> {
  let start = 0;
  let size = 0;
  for (const [i, { payload }] of events.entries()) {
    if (i - start >= MOST_EVENTS || (i > start && size + payload.length > MOST_BYTES)) {
      yield events.slice(start, i);
      start = i;
      size = 0;
    }
    size += payload.length;
  }
  if (start < events.length) yield events.slice(start);
}

/** The events of a row, in order. */
export function eventsOf(row: Row): LogEvent[] {
  const text = new TextDecoder().decode(unpack(row));
  if (row.form === "lines") return parseLines(text);
  const time = new Date(row.time).toISOString();
  const given: Partial<NewEvent>[] = JSON.parse(text);
  return given.map((event, i) => ({
    payload: event.payload ?? "",
    seq: row.first + i,
    stream: event.stream ?? "",
    task: event.task ?? null,
    time,
    time_remote: event.time ?? null,
  }));
}

function parseLines(text: string): LogEvent[] {
  const events: LogEvent[] = JSON.parse(`[${text.slice(0, -1).replaceAll("\n", ",")}]`);
  return events.map(({ payload, seq, stream, task = null, time, time_remote = null }) => ({
    payload,
    seq,
    stream,
    task,
    time,
    time_remote,
  }));
}

/** The events as they are exported and hashed. */
export const linesOf = (events: readonly LogEvent[]): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(events.map((event) => `${eventLine(event)}\n`).join(""));
