import { connect, createServer, type Server, type Socket } from "node:net";
import { type OperationName, operations } from "../../core/client/operations.ts";
import { Stream } from "./stream.ts";

/** How far one request and its answer have come. */
export type Point =
  /** The whole request is here, the server has heard nothing of it. */
  | "asked"
  /** The server has its head and half of its body. */
  | "half sent"
  /** The server has all of it, and is at work. */
  | "sent"
  /** The server has answered, the caller has heard nothing of it. */
  | "answered"
  /** The caller has its head and half of its body. */
  | "half answered";

/** Who calls, by the path: an agent, a factory, or a person. */
export type Side = "worker" | "factory" | "user";

/** A request that was stopped on its way. Its caller may go away meanwhile: it still goes on as told here. */
export interface Caught {
  /** Lets it go on. @returns the status of the server's answer */
  pass(): Promise<number>;
  /** Ends both connections. */
  cut(): void;
}

interface Ambush {
  operation: OperationName;
  at: Point;
  left: number;
  meet(exchange: Exchange): Promise<"pass" | "cut">;
}

/**
 * The network between the server and everybody else, with faults at chosen points of chosen operations. Each connection
 * carries one request: what a fault does to it is done to that request alone.
 */
export class Network {
  readonly url: string;
  /** Where the server is now; without one, connections are refused. */
  target: string | undefined;
  /** Milliseconds by which each piece of every request and answer is late. */
  lag = 0;
  /** Every answer so far, in order. */
  readonly answers: { operation: OperationName | undefined; status: number }[] = [];
  readonly #server: Server;
  readonly #open = new Set<Exchange>();
  readonly #away = new Set<Side>();
  #turned = 0;
  #turnedAway: (() => void) | undefined;
  #ambushes: Ambush[] = [];

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
    server.on("connection", (socket) => void this.#carry(socket));
  }

  static async open(): Promise<Network> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    return new Network(server, typeof address === "object" && address ? address.port : 0);
  }

  /** Cuts the next `times` requests of an operation at that point. @returns what resolves when it was done so often */
  cut(operation: OperationName, at: Point, times = 1): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const ambush: Ambush = {
      operation,
      at,
      left: times,
      meet: async () => {
        if (ambush.left === 0) resolve();
        return "cut";
      },
    };
    this.#ambushes.push(ambush);
    return promise;
  }

  /** Stops the next request of an operation at that point, until it is told how to go on. */
  catch(operation: OperationName, at: Point): Promise<Caught> {
    const { promise, resolve } = Promise.withResolvers<Caught>();
    this.#ambushes.push({
      operation,
      at,
      left: 1,
      meet: (exchange) => {
        const go = Promise.withResolvers<"pass" | "cut">();
        exchange.detached = true;
        resolve({
          pass: () => {
            go.resolve("pass");
            return exchange.status;
          },
          cut: () => go.resolve("cut"),
        });
        return go.promise;
      },
    });
    return promise;
  }

  /** Ends every connection of one side, and refuses new ones until `join`. */
  part(side: Side): void {
    this.#away.add(side);
    for (const exchange of this.#open) if (exchange.side === side && !exchange.detached) exchange.end();
  }

  join(side: Side): void {
    this.#away.delete(side);
  }

  /** Resolves when so many more connections of a side that is parted were refused. */
  turnedAway(times: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turned = times;
    this.#turnedAway = resolve;
    return promise;
  }

  async close(): Promise<void> {
    this.target = undefined;
    for (const exchange of this.#open) exchange.end();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #carry(socket: Socket): Promise<void> {
    const exchange = new Exchange(new Stream(socket));
    this.#open.add(exchange);
    try {
      await this.#exchange(exchange);
    } catch {
      // Either end has gone away: the other is told by its connection's end.
    } finally {
      exchange.end();
      this.#open.delete(exchange);
    }
  }

  async #exchange(exchange: Exchange): Promise<void> {
    if (!(await exchange.hear()) || !this.target) return;
    if (this.#away.has(exchange.side)) {
      if (--this.#turned === 0) this.#turnedAway?.();
      return;
    }
    const goesOn = async (at: Point) => {
      const ambush = this.#ambushes.find((one) => one.at === at && one.operation === exchange.operation);
      if (!ambush) return true;
      ambush.left--;
      if (ambush.left === 0) this.#ambushes = this.#ambushes.filter((one) => one !== ambush);
      return (await ambush.meet(exchange)) === "pass";
    };
    if (!(await goesOn("asked")) || !this.target) return;
    exchange.reach(this.target);
    await exchange.ask(this.lag, () => goesOn("half sent"));
    if (!(await goesOn("sent"))) return;
    const status = await exchange.answered();
    this.answers.push({ operation: exchange.operation, status });
    if (await goesOn("answered")) await exchange.answer(this.lag, () => goesOn("half answered"));
  }
}

class Cut extends Error {}

/** One request and its answer, each sent on as bytes; only the heads are read. */
class Exchange {
  side: Side = "user";
  operation: OperationName | undefined;
  /** Goes on when the caller goes away. */
  detached = false;
  readonly #status = Promise.withResolvers<number>();
  readonly #caller: Stream;
  #server: Stream | undefined;
  #head = "";
  #body = Buffer.alloc(0);
  #answer = Buffer.alloc(0);

  constructor(caller: Stream) {
    this.#caller = caller;
    this.#status.promise.catch(() => {}); // Few ask.
    void caller.closed.then(() => {
      if (!this.detached) this.end();
    });
  }

  /** Status of the answer; rejects when there will be none. */
  get status(): Promise<number> {
    return this.#status.promise;
  }

  /** Reads the request. @returns false when there is none */
  async hear(): Promise<boolean> {
    const head = await this.#caller.head();
    if (head === undefined) return false;
    this.#head = head;
    const [method = "", target = ""] = head.split(" ", 2);
    const [path = ""] = target.split("?");
    const side = /^\/\d\/(\w+)\//.exec(path)?.[1];
    this.side = side === "worker" || side === "factory" ? side : "user";
    this.operation = operationAt(method, path);
    this.#body = await this.#caller.bytes(Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0));
    return true;
  }

  reach(url: string): void {
    const { hostname, port } = new URL(url);
    this.#server = new Stream(connect(Number(port), hostname));
    void this.#server.closed.then(() => this.#status.reject(new Cut("no answer came")));
  }

  async ask(lag: number, half: () => Promise<boolean>): Promise<void> {
    const middle = Math.floor(this.#body.length / 2);
    await this.#server?.write(Buffer.concat([closing(this.#head), this.#body.subarray(0, middle)]), lag);
    if (!(await half())) throw new Cut();
    await this.#server?.write(this.#body.subarray(middle), lag);
  }

  /** Waits for the head of the answer. */
  async answered(): Promise<number> {
    const head = await this.#server?.head();
    if (head === undefined) throw new Cut();
    this.#answer = closing(head);
    const status = Number(head.split(" ", 2)[1]);
    this.#status.resolve(status);
    return status;
  }

  async answer(lag: number, half: () => Promise<boolean>): Promise<void> {
    const length = Number(/^content-length: *(\d+)/im.exec(this.#answer.toString("latin1"))?.[1] ?? 0);
    const middle = Math.floor(length / 2);
    await this.#caller.write(this.#answer, lag);
    let sent = 0;
    const upTo = async (end: number) => {
      while (sent < end) {
        const piece = await this.#server?.piece(end - sent);
        if (!piece) return;
        await this.#caller.write(piece, lag);
        sent += piece.length;
      }
    };
    await upTo(middle);
    if (!(await half())) throw new Cut();
    await upTo(Number.POSITIVE_INFINITY);
    await this.#caller.end();
  }

  end(): void {
    this.#status.reject(new Cut("no answer came"));
    this.#caller.destroy();
    this.#server?.destroy();
  }
}

/** The head, saying that the connection ends with this message. */
const closing = (head: string) =>
  Buffer.from(`${head.replace(/^connection:.*\r\n/gim, "").replace(/\r\n\r\n$/, "\r\nconnection: close\r\n\r\n")}`, "latin1");

const PATTERNS = Object.entries(operations).map(([name, { method, path }]) => ({
  name: name as OperationName,
  method,
  path: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`),
}));

const operationAt = (method: string, path: string) => PATTERNS.find((one) => one.method === method && one.path.test(path))?.name;
