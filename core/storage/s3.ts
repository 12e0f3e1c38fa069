import { S3Client } from "bun";
import { codeOf } from "../common/errors.ts";
import type { S3Config } from "./config.ts";
import { type ObjectEntry, type ObjectRange, type ObjectStore, type Presigning, piecesOf, requireKey } from "./object-store.ts";

const MIB = 1024 * 1024;
/** Larger objects go in parts. */
const LARGEST_AT_ONCE = 64 * MIB;
/** A part can be sent again without the others; S3 takes 10,000 of them. */
const MOST_PARTS = 9_000;

/** Objects in a bucket of S3, or of what speaks like it. */
export class S3Store implements ObjectStore {
  readonly #client: S3Client;
  readonly #config: S3Config;

  constructor(config: S3Config) {
    const { bucket, region, endpoint, access_key_id: accessKeyId, secret_access_key: secretAccessKey } = config;
    this.#config = config;
    this.#client = new S3Client({
      bucket,
      region,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(accessKeyId === undefined ? {} : { accessKeyId }),
      ...(secretAccessKey === undefined ? {} : { secretAccessKey }),
    });
  }

  async put(key: string, path: string): Promise<void> {
    const file = Bun.file(path);
    const { size } = await file.stat();
    if (size <= LARGEST_AT_ONCE) await this.#client.write(this.#key(key), await file.bytes());
    else
      await this.#client.write(this.#key(key), file, {
        partSize: Math.max(16 * MIB, Math.ceil(size / MOST_PARTS)),
        queueSize: 2,
        retry: 3,
      });
  }

  get(key: string, range?: ObjectRange): AsyncIterable<Uint8Array> {
    const object = this.#client.file(this.#key(key));
    const wanted = range ? object.slice(range.first, range.last + 1) : object;
    return piecesOf(key, () => wanted.stream(), isMissing);
  }

  async head(key: string): Promise<{ size: number } | undefined> {
    try {
      return { size: (await this.#client.stat(this.#key(key))).size };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    await this.#client.delete(this.#key(key));
  }

  async *list(prefix: string): AsyncGenerator<ObjectEntry> {
    const { prefix: before } = this.#config;
    let continuationToken: string | undefined;
    do {
      const page = await this.#client.list({
        prefix: before + prefix,
        ...(continuationToken === undefined ? {} : { continuationToken }),
      });
      for (const { key, size = 0 } of page.contents ?? []) yield { key: key.slice(before.length), size };
      continuationToken = page.isTruncated ? page.nextContinuationToken : undefined;
    } while (continuationToken !== undefined);
  }

  presign(key: string, { expires, type, disposition }: Presigning): string | undefined {
    if (!this.#config.presign) return undefined;
    return this.#client.presign(this.#key(key), {
      expiresIn: expires,
      ...(type === undefined ? {} : { type }),
      ...(disposition === undefined ? {} : { contentDisposition: disposition }),
    });
  }

  path(): undefined {}

  #key(key: string): string {
    return this.#config.prefix + requireKey(key);
  }
}

const isMissing = (error: unknown) => codeOf(error) === "NoSuchKey";
