import { S3Client } from "bun";
import { codeOf } from "../common/errors.ts";
import type { S3Config } from "./config.ts";
import { type CredentialSource, type Credentials, credentialsFor } from "./credentials.ts";
import {
  missing,
  type ObjectEntry,
  type ObjectRange,
  type ObjectStore,
  type Presigning,
  piecesOf,
  requireKey,
} from "./object-store.ts";

const MIB = 1024 * 1024;
/** Larger objects go in parts. */
const LARGEST_AT_ONCE = 64 * MIB;
/** A part can be sent again without the others; S3 takes 10,000 of them. */
const MOST_PARTS = 9_000;

/** Objects in a bucket of S3, or of what speaks like it. */
export class S3Store implements ObjectStore {
  readonly #config: S3Config;
  readonly #credentials: CredentialSource;
  #last: { credentials: Credentials; client: S3Client } | undefined;

  constructor(config: S3Config) {
    this.#config = config;
    this.#credentials = credentialsFor(config);
  }

  async put(key: string, path: string): Promise<void> {
    const file = Bun.file(path);
    const { size } = await file.stat();
    const inParts = { partSize: Math.max(16 * MIB, Math.ceil(size / MOST_PARTS)), queueSize: 2, retry: 3 };
    await this.#ask(async (client) =>
      size <= LARGEST_AT_ONCE
        ? await client.write(this.#key(key), await file.bytes())
        : await client.write(this.#key(key), file, inParts),
    );
  }

  get(key: string, range?: ObjectRange): AsyncIterable<Uint8Array> {
    const open = async () => {
      const { client } = await this.#now();
      const object = client.file(this.#key(key));
      return (range ? object.slice(range.first, range.last + 1) : object).stream();
    };
    return piecesOf(open, (error) => (isMissing(error) ? missing(key, error) : explained(error)));
  }

  async head(key: string): Promise<{ size: number } | undefined> {
    return await this.#ask(async (client) => {
      try {
        return { size: (await client.stat(this.#key(key))).size };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  async delete(key: string): Promise<void> {
    await this.#ask((client) => client.delete(this.#key(key)));
  }

  async *list(prefix: string): AsyncGenerator<ObjectEntry> {
    const { prefix: before } = this.#config;
    let continuationToken: string | undefined;
    do {
      const from = continuationToken === undefined ? {} : { continuationToken };
      const page = await this.#ask((client) => client.list({ prefix: before + prefix, ...from }));
      for (const { key, size = 0 } of page.contents ?? []) yield { key: key.slice(before.length), size };
      continuationToken = page.isTruncated ? page.nextContinuationToken : undefined;
    } while (continuationToken !== undefined);
  }

  async presign(key: string, { expires, type, disposition }: Presigning): Promise<string | undefined> {
    if (!this.#config.presign) return undefined;
    const { client, credentials } = await this.#now();
    // A URL ends with the credentials that it is signed with.
    if (credentials.expiration && credentials.expiration.getTime() < Date.now() + expires * 1000) return undefined;
    return client.presign(this.#key(key), {
      expiresIn: expires,
      ...(type === undefined ? {} : { type }),
      ...(disposition === undefined ? {} : { contentDisposition: disposition }),
    });
  }

  path(): undefined {}

  async #ask<T>(what: (client: S3Client) => Promise<T>): Promise<T> {
    const { client } = await this.#now();
    try {
      return await what(client);
    } catch (error) {
      throw explained(error);
    }
  }

  /** A client with the credentials of the moment; the same one while these stay. */
  async #now(): Promise<{ credentials: Credentials; client: S3Client }> {
    const credentials = await this.#credentials();
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const { bucket, region, endpoint } = this.#config;
    const last = this.#last?.credentials;
    if (this.#last && last?.accessKeyId === accessKeyId && last.sessionToken === sessionToken) return this.#last;
    const client = new S3Client({
      bucket,
      region,
      accessKeyId,
      secretAccessKey,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(sessionToken === undefined ? {} : { sessionToken }),
    });
    this.#last = { credentials, client };
    return this.#last;
  }

  #key(key: string): string {
    return this.#config.prefix + requireKey(key);
  }
}

/** Of most failures, Bun's words say nothing; its code does. */
function explained(error: unknown): unknown {
  const code = codeOf(error);
  return error instanceof Error && code !== undefined ? new Error(`${code}: ${error.message}`, { cause: error }) : error;
}

const isMissing = (error: unknown) => codeOf(error) === "NoSuchKey";
