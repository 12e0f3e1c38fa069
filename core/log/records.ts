import { sseRecord } from "../common/event-stream.ts";
import type { LogEvent } from "./event.ts";
import { Lru } from "./lru.ts";

/** Some events of a log, in order, as server-sent events. */
export interface Records {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Sequence number of the event after the last one. */
  readonly next: number;
}

const MOST_SHARED = 64;
const MOST_BYTES = 256 * 1024;

/**
 * Encodes events for followers, once for all that read on from the same place. Whoever follows a log that grows is woken
 * with all the others, so that a line costs its encoding once, not once for each follower.
 */
export class SharedRecords {
  readonly #shared = new Lru<Records>(MOST_SHARED);

  read(key: string, read: () => readonly LogEvent[]): Records | undefined {
    const known = this.#shared.get(key);
    if (known) return known;
    const events = read();
    const last = events.at(-1);
    if (!last) return undefined;
    const records = { bytes: encode(events), next: last.seq + 1 };
    if (records.bytes.byteLength <= MOST_BYTES) this.#shared.set(key, records);
    return records;
  }
}

const encode = (events: readonly LogEvent[]) =>
  new TextEncoder().encode(events.map((event) => sseRecord("job", `seq-${event.seq}`, JSON.stringify(event))).join(""));
