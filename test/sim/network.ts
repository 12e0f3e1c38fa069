import type { FetchInit } from "../../core/common/world.ts";
import type { Climate } from "./climate.ts";
import type { Clock } from "./clock.ts";
import type { Process } from "./process.ts";
import type { Random } from "./random.ts";

/** Where requests go: the server that runs now, if one does. */
export interface Endpoint {
  readonly process: Process;
  handle(request: Request): Promise<Response>;
}

/** What befalls one request, drawn when it is sent. Times in ms. */
interface Fate {
  out: number;
  back: number;
  requestLost: boolean;
  answerLost: boolean;
  /** A second copy arrives so much later. */
  again: number | undefined;
  /** What is lost is lost in silence, or with a reset of the connection. */
  silent: boolean;
}

export interface NetworkOptions {
  clock: Clock;
  random: Random;
  climate(): Climate;
  endpoint(): Endpoint | undefined;
  /** A request has come to the server, and again: it has acted upon it. */
  onActed(from: Process, path: string): void;
  trace(line: string): void;
}

/** Every request as plain values: it may be delivered twice. */
interface Message {
  from: Process;
  url: string;
  method: string;
  headers: [string, string][];
  body: Uint8Array<ArrayBuffer> | undefined;
}

/** Changes or answers a request on its way to the server; see breaks.ts. */
export type Meddler = (message: Message, deliver: () => Promise<Response>) => Promise<Response>;

/** The way from clients to the server, on which messages are lost, doubled, delayed and overtaken. */
export class Network {
  /** Bodies that are being read: files of the server, which come from a thread of the runtime. */
  reading = 0;
  meddle: Meddler = (_, deliver) => deliver();
  readonly #options: NetworkOptions;
  #sent = 0;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  fetch(from: Process, url: string, init: FetchInit = {}): Promise<Response> {
    from.touch();
    const number = ++this.#sent;
    const fate = this.#fateOf(number);
    const message: Message = {
      from,
      url,
      method: init.method ?? "GET",
      headers: [...new Headers(init.headers).entries()],
      body: bytesOf(init.body),
    };
    return new Promise((resolve, reject) => {
      const gone = new AbortController();
      const hangUp = () => {
        // Nobody hears of it while the cable is out.
        this.#options.clock.after(network, fate.out, "hang-up", () => {
          if (from.cutUntil <= this.#options.clock.now) gone.abort();
        });
      };
      const forget = from.onDeath(hangUp);
      const { signal } = init;
      const settle = (finish: () => void) => {
        forget();
        signal?.removeEventListener("abort", abort);
        finish();
      };
      const abort = () => {
        hangUp();
        settle(() => reject(signal?.reason));
      };
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      const answer = (ms: number, what: string, finish: () => void) =>
        this.#options.clock.after(from, ms, what, () => settle(finish));
      const fail = (ms: number, why: string) => void answer(ms, why, () => reject(new Error(why)));
      this.#send(number, message, fate, gone.signal, {
        fail: (why) => fail(fate.back, why),
        answer: (response) => void answer(fate.back, "answer", () => resolve(response)),
      });
    });
  }

  #send(
    number: number,
    message: Message,
    fate: Fate,
    gone: AbortSignal,
    to: { fail(why: string): void; answer(response: Response): void },
  ): void {
    const { clock } = this.#options;
    const lost = () => {
      if (!fate.silent) to.fail("the connection was reset");
    };
    if (fate.again !== undefined)
      clock.after(network, fate.out + fate.again, "copy", () => {
        void this.#deliver(number, "copy", message, new AbortController().signal).catch(() => {});
      });
    if (fate.requestLost) {
      lost();
      return;
    }
    clock.after(network, fate.out, "request", () => {
      // Nothing tells of the loss while the cable is out.
      if (message.from.cutUntil > clock.now) return;
      this.#deliver(number, "", message, gone).then(
        (response) => {
          if (message.from.cutUntil > clock.now) return;
          if (fate.answerLost) lost();
          else to.answer(response);
        },
        (error: Error) => to.fail(error.message),
      );
    });
  }

  /** Has the server that runs now answer; rejects when it is killed meanwhile. */
  async #deliver(number: number, kind: string, message: Message, gone: AbortSignal): Promise<Response> {
    const { endpoint, trace, onActed } = this.#options;
    const server = endpoint();
    const { pathname, search } = new URL(message.url);
    const line = `#${number}${kind} ${message.from.name} ${message.method} ${pathname}${search}`;
    if (!server) {
      trace(`${line} -> refused`);
      throw new Error("connection refused");
    }
    trace(line);
    onActed(message.from, pathname);
    const { promise: killed, reject } = Promise.withResolvers<never>();
    const forget = server.process.onDeath(() => reject(new Error("the connection broke")));
    try {
      const answered = this.meddle(message, () => server.handle(requestOf(message, gone)));
      const response = await Promise.race([answered, killed]);
      this.reading++;
      const body = await response.arrayBuffer().finally(() => this.reading--);
      if (!server.process.alive) throw new Error("the connection broke");
      trace(`#${number}${kind} -> ${response.status}`);
      onActed(message.from, pathname);
      return new Response(response.status === 204 ? null : body, { status: response.status, headers: response.headers });
    } finally {
      forget();
    }
  }

  #fateOf(number: number): Fate {
    const { random: source, climate } = this.#options;
    const random = source.fork(`request ${number}`);
    const { dropRequest, dropAnswer, double, delay } = climate();
    const latency = () => (random.chance(delay) ? random.between(20, random.pick([500, 5_000, 30_000])) : random.between(0, 20));
    return {
      out: latency(),
      back: latency(),
      requestLost: random.chance(dropRequest),
      answerLost: random.chance(dropAnswer),
      again: random.chance(double) ? random.between(0, random.pick([50, 5_000, 60_000])) : undefined,
      silent: random.chance(0.5),
    };
  }
}

/** What is on its way belongs to nobody: no process can stop or end it. */
const network = { name: "network", alive: true, frozenUntil: 0 };

function requestOf({ url, method, headers, body }: Message, signal: AbortSignal): Request {
  const all = new Headers(headers);
  if (body) all.set("content-length", String(body.byteLength));
  return new Request(url, { method, headers: all, signal, ...(body ? { body } : {}) });
}

/** A copy: whoever sends may use its buffer again once the call has settled, and a second delivery may come later. */
function bytesOf(body: FetchInit["body"]): Uint8Array<ArrayBuffer> | undefined {
  if (body === null || body === undefined) return undefined;
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (body instanceof Uint8Array) return new Uint8Array(body);
  throw new Error("the simulated network carries text and bytes alone");
}
