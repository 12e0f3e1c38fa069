import { watchdog } from "../common/watchdog.ts";
import type { World } from "../common/world.ts";

/** One record of a stream of server-sent events. */
export interface ServerSentEvent {
  /** `message` where the record names none. */
  event: string;
  data: string;
}

/** The connection ended or fell silent in the middle. Asking again can help. */
export class StreamBroken extends Error {}

/** A server-sent stream tells at least every 5 s that it lives; silent for this long it is dead, ms. */
const SILENT = 30_000;

/**
 * Reads `text/event-stream`; what arrived together comes together, so that a fast stream costs little per record.
 * An unfinished record at the end of the stream is dropped, as the HTML standard says.
 *
 * @throws StreamBroken
 */
export async function* serverSentEvents(world: World, response: Response): AsyncGenerator<ServerSentEvent[]> {
  const reader = (response.body ?? new Blob([]).stream()).getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const parser = new Parser();
  const silence = Promise.withResolvers<never>();
  silence.promise.catch(() => {});
  const dog = watchdog(world, SILENT, () =>
    silence.reject(new StreamBroken(`the stream was silent for ${SILENT / 1000} seconds`)),
  );
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), silence.promise]);
      if (done) return;
      dog.feed();
      const records = parser.take(decoder.decode(value, { stream: true }));
      if (records.length > 0) yield records;
    }
  } catch (cause) {
    throw cause instanceof StreamBroken ? cause : new StreamBroken("the stream broke", { cause });
  } finally {
    dog.stop();
    // Nobody waits for a connection that is given up.
    reader.cancel().catch(() => {});
  }
}

class Parser {
  #rest = "";
  #event = "";
  #data: string | undefined;

  take(text: string): ServerSentEvent[] {
    const records: ServerSentEvent[] = [];
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "" || line === "\r") this.#end(records);
      else this.#field(line.endsWith("\r") ? line.slice(0, -1) : line);
    }
    return records;
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "data") this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    else if (name === "event") this.#event = value;
  }

  #end(records: ServerSentEvent[]): void {
    if (this.#data !== undefined) records.push({ event: this.#event || "message", data: this.#data });
    this.#event = "";
    this.#data = undefined;
  }
}
