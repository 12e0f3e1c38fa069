import { createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import { sync } from "../common/sync.ts";
import { packLog } from "../log/pack.ts";
import type { StorageConfig } from "./config.ts";
import { missing, type ObjectStore, requireSize } from "./object-store.ts";
import { openStore } from "./open.ts";

/** What an object holds: bytes, and their SHA-256 in hex. */
export interface Content {
  size: number;
  sha256: string;
}

/** What is done between this host and the object store; the work of the thread `transfer.thread.ts`. */
export type Transfer =
  /** A file, whose hash is known. */
  | { do: "put file"; key: string; file: string; content: Content }
  /** A sealed log, compressed. `sha256` is of its events, as the job has it. */
  | { do: "put log"; key: string; log: string; temporary: string; sha256: string }
  | { do: "put text"; key: string; text: string; temporary: string }
  /** Whether an object is there, in its size. */
  | { do: "look"; key: string; content: Content }
  /** An object, into a file of this host; whole, or not at all. */
  | { do: "fetch"; key: string; to: string; temporary: string; content: Content; zstd: boolean };

export interface TransferTask {
  storage: StorageConfig;
  /** Where a directory store keeps its objects, unless its configuration says. */
  objects: string;
  transfer: Transfer;
}

const stores = new Map<string, ObjectStore>();

/** @returns what the object holds, once it was read back and found to be right @throws Error for one that is not */
export async function transfer({ storage, objects, transfer: wanted }: TransferTask): Promise<Content> {
  const known = JSON.stringify([storage, objects]);
  const store = stores.get(known) ?? openStore(storage, objects);
  stores.set(known, store);
  switch (wanted.do) {
    case "put file":
      return await put(store, wanted.key, wanted.file, wanted.content);
    case "put log":
      return await putLog(store, wanted);
    case "put text":
      return await fromTemporary(wanted.temporary, async (file) => {
        await writeFile(file, wanted.text);
        return await put(store, wanted.key, file, await contentOf(Bun.file(file).stream()));
      });
    case "look":
      return await look(store, wanted);
    case "fetch":
      return await fetchObject(store, wanted);
  }
}

async function putLog(store: ObjectStore, { key, log, temporary, sha256 }: Transfer & { do: "put log" }): Promise<Content> {
  return await fromTemporary(temporary, async (file) => {
    const sealed = await packLog(log, file);
    if (sealed.sha256 !== sha256) throw new Error(`the log has the SHA-256 ${sealed.sha256}, its job says ${sha256}`);
    return await put(store, key, file, await contentOf(Bun.file(file).stream()));
  });
}

async function fromTemporary<T>(file: string, work: (file: string) => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    return await work(file);
  } finally {
    await rm(file, { force: true });
  }
}

/** Stores a file and reads it back. Only what was found in the store is ever deleted here. */
async function put(store: ObjectStore, key: string, file: string, content: Content): Promise<Content> {
  const { size } = await stat(file);
  if (size !== content.size) throw new Error(`${file} has ${size} bytes, not ${content.size}`);
  await store.put(key, file);
  requireSame(key, await contentOf(store.get(key)), content);
  return content;
}

async function look(store: ObjectStore, { key, content }: Transfer & { do: "look" }): Promise<Content> {
  const there = await store.head(key);
  if (!there) throw missing(key);
  requireSize(key, there.size, content.size);
  return content;
}

async function contentOf(stream: AsyncIterable<Uint8Array>): Promise<Content> {
  const hasher = new Bun.CryptoHasher("sha256");
  let size = 0;
  for await (const piece of stream) {
    hasher.update(piece);
    size += piece.byteLength;
  }
  return { size, sha256: hasher.digest("hex") };
}

async function fetchObject(store: ObjectStore, fetch: Transfer & { do: "fetch" }): Promise<Content> {
  const { key, to, temporary, content, zstd } = fetch;
  const hasher = new Bun.CryptoHasher("sha256");
  let size = 0;
  const count = new Transform({
    transform(piece: Uint8Array, _encoding, done) {
      hasher.update(piece);
      size += piece.byteLength;
      done(null, piece);
    },
  });
  return await fromTemporary(temporary, async (file) => {
    const source = Readable.from(store.get(key));
    const target = createWriteStream(file, { mode: 0o600 });
    await (zstd ? pipeline(source, count, createZstdDecompress(), target) : pipeline(source, count, target));
    requireSame(key, { size, sha256: hasher.digest("hex") }, content);
    // What has its name is not looked at again, also after a power cut.
    await sync(file);
    await rename(file, to);
    return content;
  });
}

function requireSame(key: string, real: Content, { size, sha256 }: Content): void {
  requireSize(key, real.size, size);
  if (real.sha256 !== sha256) throw new Error(`object ${key} has the SHA-256 ${real.sha256}, not ${sha256}`);
}
