/** Bytes of an object, both ends included. */
export interface ObjectRange {
  first: number;
  last: number;
}

export interface ObjectEntry {
  key: string;
  size: number;
}

/** What a presigned URL may do, and how the bytes are to be shown. */
export interface Presigning {
  /** Seconds. */
  expires: number;
  type?: string | undefined;
  disposition?: string | undefined;
}

/** Where bytes are kept that are never changed again. Keys are words of `[A-Za-z0-9._-]` with `/` between them. */
export interface ObjectStore {
  /** Stores a file under a key; what was there before is replaced as a whole, or not at all. */
  put(key: string, file: string): Promise<void>;
  /** Piece by piece. @throws NoSuchObject with the first one */
  get(key: string, range?: ObjectRange): AsyncIterable<Uint8Array>;
  /** Undefined for an object that is not there. */
  head(key: string): Promise<{ size: number } | undefined>;
  /** Does nothing for an object that is not there. */
  delete(key: string): Promise<void>;
  /** All objects whose key begins with `prefix`, which ends with `/` or is empty. */
  list(prefix: string): AsyncGenerator<ObjectEntry>;
  /** A URL that anybody may read the object from for that time; undefined where the store can make none. */
  presign(key: string, how: Presigning): Promise<string | undefined>;
  /** Where an object lies on this host, so that it can be read without a copy. */
  path(key: string): string | undefined;
}

export class NoSuchObject extends Error {}

export const missing = (key: string, cause?: unknown): NoSuchObject => new NoSuchObject(`there is no object ${key}`, { cause });

/** @throws Error for an object of another size than it must have */
export function requireSize(key: string, size: number, wanted: number): void {
  if (size !== wanted) throw new Error(`object ${key} has ${size} bytes, not ${wanted}`);
}

const KEY = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** No key leads out of a store, whoever forgot to check it. @throws Error */
export function requireKey(key: string): string {
  if (!KEY.test(key)) throw new Error(`not the key of an object: ${key}`);
  return key;
}

/** The bytes of an object, piece by piece. @param explain what was thrown, in words of ours */
export async function* piecesOf(
  open: () => ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>,
  explain: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  try {
    yield* await open();
  } catch (error) {
    throw explain(error);
  }
}
