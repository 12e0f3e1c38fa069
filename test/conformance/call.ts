import { checkAnswer } from "./answer.ts";
import { operations } from "./schema.ts";

export interface Ask {
  token?: string | undefined;
  path?: Record<string, string | number>;
  query?: Record<string, string | number | boolean>;
  /** Bytes are sent as they are, all else as JSON. */
  body?: Uint8Array<ArrayBuffer> | object;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Told {
  status: number;
  headers: Response["headers"];
  /** The JSON of the answer; undefined where it is empty or of bytes. */
  json: unknown;
  bytes: Uint8Array;
}

/**
 * Calls operations of the table, as the original's clients do, and holds every answer against the table and, where it is
 * there, the original's document. A refusal is held against the shape of errors.
 */
export class Wire {
  readonly url: string;
  /** Operations that were called with success, by name. */
  readonly exercised = new Set<string>();
  readonly #down = new AbortController();

  constructor(url: string) {
    this.url = url;
  }

  /** Ends every call, under way or to come, with this error. */
  end(error: unknown): void {
    this.#down.abort(error);
  }

  /** The answer as it comes; only its beginning has been looked at. */
  async open(name: string, { token, path = {}, query = {}, body, headers, signal }: Ask = {}): Promise<Response> {
    const { method, path: pattern, status } = known(name);
    const type = body instanceof Uint8Array ? "application/octet-stream" : "application/json";
    const response = await fetch(this.url + place(pattern, path, query), {
      method,
      headers: {
        "api-version": "1.0.0",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": type }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: body instanceof Uint8Array ? body : JSON.stringify(body) }),
      signal: AbortSignal.any([this.#down.signal, ...(signal ? [signal] : [])]),
    });
    if (response.ok && (status === undefined || status === response.status)) this.exercised.add(name);
    return response;
  }

  /** @throws an Error where the answer is not of the original's shape */
  async ask(name: string, ask: Ask = {}): Promise<Told> {
    const response = await this.open(name, ask);
    const bytes = await response.bytes();
    const json = isJson(response) && bytes.length > 0 ? (JSON.parse(new TextDecoder().decode(bytes)) as unknown) : undefined;
    const { status, headers } = response;
    checkAnswer(name, { status, requestId: headers.get("x-request-id"), json, size: bytes.length });
    return { status, headers, json, bytes };
  }

  /** The JSON of an answer that must be a success. @throws Refusal */
  async call<T = unknown>(name: string, ask: Ask = {}): Promise<T> {
    // Its shape has been held against the table; the caller names it for the compiler.
    return (await this.must(name, ask)).json as T;
  }

  /** @throws Refusal */
  async must(name: string, ask: Ask = {}): Promise<Told> {
    const told = await this.ask(name, ask);
    if (told.status >= 400) throw new Refusal(name, told);
    return told;
  }
}

export class Refusal extends Error {
  readonly status: number;

  constructor(name: string, { status, json }: Told) {
    super(`${name}: ${status} ${(json as { message?: string } | undefined)?.message ?? ""}`);
    this.status = status;
  }
}

const known = (name: string) => {
  const operation = operations[name];
  if (!operation) throw new Error(`there is no operation ${name}`);
  return operation;
};

export const isJson = (response: Response) => response.headers.get("content-type")?.startsWith("application/json") === true;

/** A pattern with its values, each of them encoded as one segment. */
function place(pattern: string, path: Record<string, string | number>, query: Record<string, string | number | boolean>): string {
  const filled = pattern.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ""));
  const asked = new URLSearchParams(Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]));
  return asked.size > 0 ? `${filled}?${asked}` : filled;
}
