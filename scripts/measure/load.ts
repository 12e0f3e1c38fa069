import { quantile } from "./figure.ts";

/** What the process `load.ts` is asked for, as its only argument. */
export interface LoadTask {
  port: number;
  /** The bytes of one request, sent again and again. In each, `NUMBER` is another number. */
  request: string;
  connections: number;
  /** Least time from one request of a connection to the next, ms. */
  every?: number;
  /** How long, ms; or how many requests in all. */
  time?: number;
  count?: number;
}

export interface LoadResult {
  requests: number;
  /** Body bytes. */
  bytes: number;
  seconds: number;
  /** Of one request, ms. */
  p50: number;
  p99: number;
}

/** Puts load on a server from a process of its own. @throws Error when an answer is no success */
export async function load(task: LoadTask): Promise<LoadResult> {
  const child = Bun.spawn([process.execPath, import.meta.path, JSON.stringify(task)], { stdout: "pipe", stderr: "inherit" });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("the load generator has failed");
  return JSON.parse(text) as LoadResult;
}

/** The bytes of an HTTP request. */
export function requestOf(method: string, path: string, token: string, body?: unknown): string {
  const text = body === undefined ? "" : JSON.stringify(body);
  const type = body === undefined ? "" : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\n${type}\r\n${text}`;
}

/** Stands for the number of a request in its bytes. */
export const NUMBER = "{the number of it}";

const END = Buffer.from("\r\n\r\n");

/** Reads answers off one connection: their heads, and as many bytes of body as those say. */
class Answers {
  bytes = 0;
  #head: Buffer = Buffer.alloc(0);
  #left = 0;

  /** @returns how many answers are complete now */
  take(piece: Buffer): number {
    let done = 0;
    for (let rest = piece; rest.length > 0; ) {
      if (this.#left === 0) {
        const all = this.#head.length > 0 ? Buffer.concat([this.#head, rest]) : rest;
        const end = all.indexOf(END);
        if (end < 0) {
          this.#head = Buffer.from(all);
          return done;
        }
        this.#begin(all.toString("latin1", 0, end));
        this.#head = Buffer.alloc(0);
        rest = all.subarray(end + END.length);
        if (this.#left === 0) done++;
        continue;
      }
      const used = Math.min(this.#left, rest.length);
      this.#left -= used;
      this.bytes += used;
      rest = rest.subarray(used);
      if (this.#left === 0) done++;
    }
    return done;
  }

  #begin(head: string): void {
    if (!/^HTTP\/1\.1 2/.test(head)) throw new Error(`the server answered ${head.slice(0, 200)}`);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined && !head.startsWith("HTTP/1.1 204")) throw new Error(`an answer without a length: ${head}`);
    this.#left = Number(length ?? 0);
  }
}

async function run({
  port,
  request,
  connections,
  every = 0,
  time,
  count = Number.POSITIVE_INFINITY,
}: LoadTask): Promise<LoadResult> {
  const took: number[] = [];
  const numbered = request.split(NUMBER);
  const bytes = Buffer.from(request, "latin1");
  const begun = performance.now();
  const end = begun + (time ?? Number.POSITIVE_INFINITY);
  let sent = 0;
  let received = 0;
  const one = async () => {
    const over = Promise.withResolvers<void>();
    const answers = new Answers();
    let asked = 0;
    const ask = (socket: { write(data: Buffer): number }) => {
      if (sent >= count || performance.now() >= end) return over.resolve();
      sent++;
      asked = performance.now();
      socket.write(numbered.length > 1 ? Buffer.from(numbered.join(String(sent).padStart(NUMBER.length, "0")), "latin1") : bytes);
    };
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: ask,
        data(open, piece) {
          try {
            if (answers.take(piece) === 0) return;
            took.push(performance.now() - asked);
            const rest = asked + every - performance.now();
            if (rest > 0) setTimeout(() => ask(open), rest);
            else ask(open);
          } catch (error) {
            over.reject(error);
          }
        },
        close: () => over.reject(new Error("the server closed a connection")),
      },
    });
    await over.promise;
    received += answers.bytes;
    socket.end();
  };
  await Promise.all(Array.from({ length: connections }, one));
  const seconds = (performance.now() - begun) / 1000;
  return { requests: took.length, bytes: received, seconds, p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
}

if (import.meta.main) {
  const result = await run(JSON.parse(process.argv[2] ?? "{}") as LoadTask);
  process.stdout.write(JSON.stringify(result));
  process.exit(0);
}
