import type { Database } from "bun:sqlite";
import type { LogEvent } from "./event.ts";
import { openLog, type Sealed, sealOf } from "./log-file.ts";
import { eventsOf, linesOf, pack, type Row } from "./row.ts";

/** Events and bytes of a sealed row: large enough to compress well, small enough to read one event of. */
const CHUNK_EVENTS = 2_000;
const CHUNK_BYTES = 1024 * 1024;
const LEVEL = 3;

/** Free pages beyond which a sealed log is made smaller; below it is not worth writing the file again. */
const MOST_FREE = 256;

/**
 * Joins the rows of a log into larger ones and records its count, length and hash, in one transaction: whoever reads or is
 * killed meanwhile finds the log as it was. The work of the thread `seal.thread.ts`.
 */
export function sealLog(file: string): Sealed {
  const db = openLog(file);
  try {
    const sealed = db.transaction(() => sealOf(db) ?? seal(db)).immediate();
    const free = db.query<{ freelist_count: number }, []>("PRAGMA freelist_count").get()?.freelist_count ?? 0;
    if (free > MOST_FREE) db.run("VACUUM");
    db.run("PRAGMA wal_checkpoint(TRUNCATE)");
    return sealed;
  } finally {
    db.close();
  }
}

function seal(db: Database): Sealed {
  const insert = db.query(
    "INSERT INTO batch (first, count, time, source, form, zstd, body) VALUES (?, ?, ?, 'seal', 'lines', ?, ?)",
  );
  const hasher = new Bun.CryptoHasher("sha256");
  let count = 0;
  let bytes = 0;
  for (const { events, time } of chunks(takeRows(db))) {
    const lines = linesOf(events);
    const { zstd, body } = pack(lines, LEVEL);
    insert.run(count + 1, events.length, time, zstd, body);
    hasher.update(lines);
    count += events.length;
    bytes += lines.byteLength;
  }
  const sealed = { count, bytes, sha256: hasher.digest("hex") };
  db.query("INSERT INTO seal (only, count, bytes, sha256) VALUES (1, ?, ?, ?)").run(count, bytes, sealed.sha256);
  return sealed;
}

interface Chunk {
  events: LogEvent[];
  /** When the last of them was received. */
  time: number;
}

/** The rows in order, each removed as it is read: the chunks come into the space that it leaves. */
function* takeRows(db: Database): Generator<Chunk> {
  const next = db.query<Row, [number]>(
    "SELECT first, count, time, form, zstd, body FROM batch WHERE first >= +? ORDER BY first LIMIT 1",
  );
  const remove = db.query("DELETE FROM batch WHERE first = ?");
  for (let row = next.get(1); row; row = next.get(row.first + row.count)) {
    remove.run(row.first);
    yield { events: eventsOf(row), time: row.time };
  }
}

function* chunks(rows: Iterable<Chunk>): Generator<Chunk> {
  let chunk: Chunk = { events: [], time: 0 };
  let size = 0;
  for (const { events, time } of rows) {
    for (const event of events) {
      chunk.events.push(event);
      chunk.time = time;
      size += event.payload.length;
      if (chunk.events.length < CHUNK_EVENTS && size < CHUNK_BYTES) continue;
      yield chunk;
      chunk = { events: [], time };
      size = 0;
    }
  }
  if (chunk.events.length > 0) yield chunk;
}
