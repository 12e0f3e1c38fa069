import type { FactoryAddresses, WorkerPingFactoryInfo } from "../../core/client/operations.ts";

/** A byte string as a list of numbers: names and values of an environment need not be UTF-8. */
export interface Bytes {
  Unix: number[];
}

export interface ProcessStart {
  name: string;
  cmd: string;
  args: string[];
  env: [name: Bytes, value: Bytes][];
  pwd: string;
  uid: number;
  gid: number;
}

/** What the control program may ask. */
export type Request =
  | { StoreGet: string }
  | { StorePut: [name: string, value: string, secret: boolean] }
  | "MetadataAddresses"
  | { ProcessStart: ProcessStart }
  | "FactoryInfo";

export type Reply =
  | { StoreGet: { name: string; value: string; secret: boolean } | null }
  | "Ack"
  | { MetadataAddresses: FactoryAddresses[] }
  | { FactoryInfo: WorkerPingFactoryInfo }
  | { Error: string };

export interface Message {
  id: number;
  payload: { Req: Request } | { Resp: Reply };
}

const VERSION = 1;
const HEADER = 8;
/** Longer than anything that the protocol has to say: an environment of 2 MiB, each byte as a number. Bytes. */
const LONGEST = 16 * 1024 * 1024;

/** Version and length as little-endian numbers of 32 bits, then the message as JSON. */
export function encode(message: Message): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(message));
  const frame = new Uint8Array(HEADER + body.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, VERSION, true);
  view.setUint32(4, body.length, true);
  frame.set(body, HEADER);
  return frame;
}

/** Puts frames together from the pieces in which a socket delivers them. */
export class Decoder {
  #pieces: Uint8Array[] = [];
  #held = 0;
  #wanted = HEADER;

  /** The messages that `bytes` completes. @throws Error for what is not the protocol: the connection is of no more use */
  push(bytes: Uint8Array): Message[] {
    this.#pieces.push(bytes.slice());
    this.#held += bytes.length;
    const messages: Message[] = [];
    while (this.#held >= this.#wanted) {
      const buffer = Buffer.concat(this.#pieces);
      this.#wanted = HEADER + lengthOf(buffer);
      let rest = buffer;
      if (buffer.length >= this.#wanted) {
        messages.push(messageOf(buffer.subarray(HEADER, this.#wanted)));
        rest = buffer.subarray(this.#wanted);
        this.#wanted = HEADER;
      }
      this.#pieces = [rest];
      this.#held = rest.length;
    }
    return messages;
  }

  /** Bytes of a message that has begun and whose end has not come. */
  get held(): number {
    return this.#held;
  }
}

function lengthOf(frame: Buffer): number {
  const version = frame.readUInt32LE(0);
  const length = frame.readUInt32LE(4);
  if (version !== VERSION) throw new Error(`version ${version} of the control protocol is not known`);
  if (length > LONGEST) throw new Error(`a message of ${length} bytes is too long`);
  return length;
}

function messageOf(body: Buffer): Message {
  const message = JSON.parse(body.toString("utf8")) as Partial<Message> | null;
  if (typeof message !== "object" || message === null) throw new Error("a message must be an object");
  if (typeof message.id !== "number" || typeof message.payload !== "object" || message.payload === null)
    throw new Error("a message must have a number and a payload");
  return message as Message;
}
