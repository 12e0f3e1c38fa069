import { type Backoff, retry } from "../common/retry.ts";
import type { FetchInit, World } from "../common/world.ts";
import { CallFailed, failureOf, networkFailure } from "./failure.ts";
import { type OperationName, type Operations, operations } from "./operations.ts";

export interface ClientOptions {
  world: World;
  /** Where the core is: `http://127.0.0.1:9979`. */
  url: string;
  token?: string;
  /** Gets another token where the core refuses the one there is, for whoever can let itself in. */
  renew?: (() => string) | undefined;
  /** Act as this user; needs the privilege `delegate`. */
  delegate?: string;
  /** Go through this unix socket instead of the network. */
  unix?: string;
  /** PEM of the authority that signed the core's certificate, where the system does not know it. */
  ca?: string;
  /** How long a call is tried again after failures that may pass, in ms. 0: one try. */
  patience?: number;
  /** Told of every failure that will be tried again. */
  onRetry?(error: CallFailed, wait: number, tries: number): void;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Of one try, in ms; 15 s unless told. On top come the `wait` of a long poll, and what a body takes over a slow line. */
  deadline?: number;
  patience?: number;
  /** Waits between tries, where the usual ones, up to half a minute, are too long. */
  backoff?: Backoff;
  /** First byte wanted of a byte stream; a core that cannot do so answers 200 with all of it, instead of 206. */
  from?: number;
  /** Of a creating call: the same key again is the same call, also from another process. Made for each call unless told. */
  idempotencyKey?: string;
  /** Makes further failures worth another try, beside those of `CallFailed.passing`. */
  alsoRetry?(error: CallFailed): boolean;
}

type Part = "path" | "query" | "body";

/** Path, query and body of an operation; what it does not have, or does not need, is left out. */
export type Input<Name extends OperationName> = {
  [P in Part as Need<Operations[Name][P]> extends "needed" ? P : never]: Operations[Name][P];
} & {
  [P in Part as Need<Operations[Name][P]> extends "optional" ? P : never]?: Operations[Name][P];
};

type Need<T> = [T] extends [undefined] ? "absent" : object extends T ? "optional" : "needed";

export type Answer<Name extends OperationName> = Operations[Name]["answer"];

const DEADLINE = 15_000;
/** Bytes of a body that also a slow line carries in a millisecond; a call that asked for more would be tried for ever. */
const SLOWEST = 20;

interface Received {
  headers: Headers;
  answer: unknown;
}

/** Speaks the core's API; every operation by its name in openapi.json. Made once per server and token. */
export class Client {
  readonly options: ClientOptions;
  #token: string | undefined;

  constructor(options: ClientOptions) {
    this.options = options;
    this.#token = options.token;
  }

  /**
   * Calls one operation, again and again while the failure may pass (a creating call carries an Idempotency-Key, so that
   * repeating is safe). Byte streams come back as the `Response`.
   *
   * @throws CallFailed
   */
  async call<Name extends OperationName>(name: Name, input: Input<Name>, options: CallOptions = {}): Promise<Answer<Name>> {
    const { answer } = await this.#respond(name, input, options);
    return answer as Answer<Name>;
  }

  /**
   * One long poll: answers when the answer is no longer the one of version `seen`, or after `wait` seconds. Pass the
   * version that comes back to the next call, and no change between the two is missed.
   */
  async poll<Name extends OperationName>(
    name: Name,
    input: Input<Name>,
    { wait, seen, ...options }: CallOptions & { wait: number; seen?: string | undefined },
  ): Promise<{ answer: Answer<Name>; version: string | undefined }> {
    const query = { ...("query" in input ? (input.query as object) : {}), wait, ...(seen === undefined ? {} : { seen }) };
    const deadline = (options.deadline ?? DEADLINE) + wait * 1000;
    const { answer, headers } = await this.#respond(name, { ...input, query }, { ...options, deadline });
    return { answer: answer as Answer<Name>, version: headers.get("x-buildomat-version") ?? undefined };
  }

  async #respond(name: OperationName, input: object, options: CallOptions): Promise<Received> {
    const { world, onRetry } = this.options;
    const key = operations[name].method === "POST" ? (options.idempotencyKey ?? world.id()) : undefined;
    return await retry(world, () => this.#admitted(name, input, options, key), {
      retryable: (error) => error instanceof CallFailed && (error.passing || options.alsoRetry?.(error) === true),
      patience: options.patience ?? this.options.patience ?? 0,
      ...(options.backoff ? { backoff: options.backoff } : {}),
      signal: options.signal,
      onRetry: (error, wait, tries) => {
        if (error instanceof CallFailed) onRetry?.(error, wait, tries);
      },
    });
  }

  /** One try, or two where the token is another one by now. */
  async #admitted(name: OperationName, input: object, options: CallOptions, key?: string): Promise<Received> {
    const token = this.#token;
    try {
      return await this.#once(name, input, options, key);
    } catch (error) {
      const { renew } = this.options;
      if (!renew || !(error instanceof CallFailed) || error.status !== 401) throw error;
      // Of several calls that are refused, the first gets the token for all.
      if (this.#token === token) this.#token = renew();
      return await this.#once(name, input, options, key);
    }
  }

  async #once(
    name: OperationName,
    input: object,
    { signal, deadline = DEADLINE, from }: CallOptions,
    key?: string,
  ): Promise<Received> {
    const { method, path, body } = operations[name];
    const parts = input as { path?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown };
    const headers = this.#headers(
      body === "json" ? "application/json" : body === "bytes" ? "application/octet-stream" : undefined,
      key,
    );
    if (from) headers["range"] = `bytes=${from}-`;
    const content = contentOf(body, parts.body);
    const limit = deadline + lengthOf(content) / SLOWEST;
    const late = new AbortController();
    const cancel = this.options.world.after(limit, () => late.abort(new Error(`no answer within ${Math.round(limit / 1000)} s`)));
    const init: FetchInit = { method, headers, signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal };
    if (this.options.unix) init.unix = this.options.unix;
    if (this.options.ca) init.tls = { ca: this.options.ca };
    if (content !== undefined) init.body = content;
    try {
      const response = await this.options.world.fetch(
        this.options.url.replace(/\/$/, "") + fill(path, parts.path) + search(parts.query),
        init,
      );
      if (!response.ok) throw await failureOf(name, response);
      return { headers: response.headers, answer: await this.#read(name, response) };
    } catch (error) {
      throw error instanceof CallFailed
        ? error
        : networkFailure(name, this.options.url, late.signal.aborted ? late.signal.reason : error);
    } finally {
      cancel();
    }
  }

  #headers(type: string | undefined, key: string | undefined): Record<string, string> {
    const headers: Record<string, string> = {};
    if (type) headers["content-type"] = type;
    if (key) headers["idempotency-key"] = key;
    if (this.#token) headers["authorization"] = `Bearer ${this.#token}`;
    if (this.options.delegate) headers["x-buildomat-delegate"] = this.options.delegate;
    return headers;
  }

  /** The body is read under the same deadline, unless it is a stream that may last. */
  async #read(name: OperationName, response: Response): Promise<unknown> {
    if (operations[name].answer === "stream") return response;
    const text = await response.text();
    if (response.status === 204 || operations[name].answer === "none") return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw new CallFailed(name, `the answer of ${this.options.url} is not JSON: is it a buildomat core?`, {
        cause,
        passing: true,
      });
    }
  }
}

type Content = string | Blob | Uint8Array<ArrayBuffer>;

function contentOf(kind: (typeof operations)[OperationName]["body"], body: unknown): Content | undefined {
  if (kind === "json") return JSON.stringify(body ?? {});
  return kind === "bytes" ? (body as Blob | Uint8Array<ArrayBuffer>) : undefined;
}

const lengthOf = (content: Content = "") => (content instanceof Blob ? content.size : Buffer.byteLength(content));

const fill = (path: string, values: Record<string, unknown> = {}) =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));

function search(values: Record<string, unknown> = {}): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return given.length === 0
    ? ""
    : `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
}
