import type { World } from "../common/world.ts";
import { bodyOf, StreamBroken } from "./body.ts";

/** One record of a stream of server-sent events. */
export interface ServerSentEvent {
  /** `message` where the record names none. */
  event: string;
  data: string;
}

/**
 * Reads `text/event-stream`; what arrived together comes together, so that a fast stream costs little per record.
 * An unfinished record at the end of the stream is dropped, as the HTML standard says.
 *
 * @throws StreamBroken
 */
export async function* serverSentEvents(world: World, response: Response): AsyncGenerator<ServerSentEvent[]> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const parser = new Parser();
  for await (const bytes of bodyOf(world, response)) {
    const records = parser.take(decode(decoder, bytes));
    if (records.length > 0) yield records;
  }
}

function decode(decoder: TextDecoder, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes, { stream: true });
  } catch (cause) {
    throw new StreamBroken("the stream is not UTF-8", { cause });
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
