import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realWorld, type World } from "../common/world.ts";
import { CallFailed } from "./failure.ts";
import { type DownloadOptions, downloadFile, FileChanged, uploadFile, WrongContent } from "./transfer.ts";

const world: World = { ...realWorld(), sleep: () => Promise.resolve() };
const sha256 = (bytes: Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
const MIB = 1024 * 1024;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "transfer-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const someBytes = (length: number) => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
};

describe("uploadFile", () => {
  const aFile = (bytes: Uint8Array) => {
    const file = join(dir, "file");
    writeFileSync(file, bytes);
    return file;
  };

  test.each([0, 1, 4095, 4096, 4097, 40_960])("a file of %d bytes arrives whole in pieces of 4 KiB", async (length) => {
    const bytes = someBytes(length);
    const got = new Uint8Array(length);
    const offsets: number[] = [];
    const answer = await uploadFile({
      world,
      file: aFile(bytes),
      chunkSize: 4096,
      putChunk: async (offset, piece) => {
        offsets.push(offset);
        got.set(piece, offset);
      },
    });
    expect(answer).toEqual({ size: length, sha256: sha256(bytes) });
    expect(got).toEqual(bytes);
    expect(offsets.sort((a, b) => a - b)).toEqual(Array.from({ length: Math.ceil(length / 4096) }, (_, i) => i * 4096));
  });

  test("several pieces are in flight, and never more than asked for", async () => {
    let now = 0;
    let most = 0;
    const full = Promise.withResolvers<void>();
    await uploadFile({
      world,
      file: aFile(someBytes(10 * 1024)),
      chunkSize: 1024,
      parallel: 3,
      putChunk: async () => {
        most = Math.max(most, ++now);
        if (now === 3) full.resolve();
        await full.promise;
        now--;
      },
    });
    expect(most).toBe(3);
  });

  test("the first failure ends the others and is what the caller sees", async () => {
    let stopped = 0;
    const sending = uploadFile({
      world,
      file: aFile(someBytes(10 * 1024)),
      chunkSize: 1024,
      parallel: 3,
      putChunk: async (offset, _, signal) => {
        if (offset === 1024) throw new Error("no room");
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
        stopped++;
      },
    });
    await expect(sending).rejects.toThrow("no room");
    expect(stopped).toBe(2);
  });

  test("a file that grows meanwhile is refused, unless it may", async () => {
    const file = aFile(someBytes(8192));
    let seen = 0;
    const send = (mayChange: boolean) =>
      uploadFile({
        world,
        file,
        mayChange,
        chunkSize: 1024,
        putChunk: async (offset, piece) => {
          if (offset === 0) appendFileSync(file, "more");
          seen += piece.length;
        },
      });
    await expect(send(false)).rejects.toThrow(FileChanged);
    seen = 0;
    const { size } = await send(true);
    expect(size).toBe(seen);
  });

  test("stops when the signal fires", async () => {
    const stop = new AbortController();
    const sending = uploadFile({
      world,
      file: aFile(someBytes(8192)),
      chunkSize: 1024,
      signal: stop.signal,
      putChunk: async () => stop.abort(new Error("enough")),
    });
    await expect(sending).rejects.toThrow("enough");
  });

  test("progress ends at the whole", async () => {
    const seen: [number, number | undefined][] = [];
    await uploadFile({
      world,
      file: aFile(someBytes(3000)),
      chunkSize: 1024,
      putChunk: async () => {},
      onProgress: (...at) => seen.push(at),
    });
    expect(seen.at(-1)).toEqual([3000, 3000]);
  });
});

describe("downloadFile", () => {
  const bytes = someBytes(3 * MIB + 17);

  /** Serves `bytes`, each answer cut after `cut(n)` bytes on try number n. */
  const aServer = (cut: (n: number) => number | undefined, ranges = true) => {
    const froms: number[] = [];
    const listener = Bun.listen<{ asked: string }>({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open(socket) {
          socket.data = { asked: "" };
        },
        data(socket, data) {
          socket.data.asked += data.toString();
          if (!socket.data.asked.includes("\r\n\r\n")) return;
          const from = ranges ? Number(/range: bytes=(\d+)-/i.exec(socket.data.asked)?.[1] ?? 0) : 0;
          froms.push(from);
          const head = from > 0 ? `206 Partial\r\ncontent-range: bytes ${from}-${bytes.length - 1}/${bytes.length}` : "200 OK";
          const body = bytes.subarray(from, from + (cut(froms.length) ?? bytes.length));
          pour(socket, [
            Buffer.from(`HTTP/1.1 ${head}\r\ncontent-length: ${bytes.length - from}\r\nconnection: close\r\n\r\n`),
            body,
          ]);
        },
        drain: (socket) => drains.get(socket)?.(),
      },
    });
    const drains = new Map<Bun.Socket<{ asked: string }>, () => void>();
    const pour = (socket: Bun.Socket<{ asked: string }>, parts: Uint8Array[]) => {
      let rest = Buffer.concat(parts);
      const more = () => {
        rest = rest.subarray(socket.write(rest));
        if (rest.length === 0) socket.end();
      };
      drains.set(socket, more);
      more();
    };
    const open = (from: number, signal: AbortSignal) =>
      fetch(`http://127.0.0.1:${listener.port}/`, { signal, headers: from > 0 ? { range: `bytes=${from}-` } : {} });
    return { froms, open, [Symbol.dispose]: () => listener.stop(true) };
  };

  const fetchTo = (more: Pick<DownloadOptions, "open"> & Partial<DownloadOptions>) =>
    downloadFile({ world, to: join(dir, "out"), ...more });

  test("a file comes whole, under its name", async () => {
    using server = aServer(() => undefined);
    const got = await fetchTo({ open: server.open, size: bytes.length, sha256: sha256(bytes) });
    expect(got).toEqual({ size: bytes.length, sha256: sha256(bytes) });
    expect(readdirSync(dir)).toEqual(["out"]);
    expect(Buffer.compare(readFileSync(join(dir, "out")), bytes)).toBe(0);
  });

  test("a connection that breaks is taken up where it broke", async () => {
    using server = aServer((n) => (n < 3 ? MIB : undefined));
    await fetchTo({ open: server.open, sha256: sha256(bytes) });
    // What the runtime had received but not yet handed out when the connection broke is fetched again.
    const [first, second = 0, third = 0] = server.froms;
    expect(first).toBe(0);
    expect(second).toBeWithin(1, MIB + 1);
    expect(third).toBeWithin(second + 1, second + MIB + 1);
  });

  test("a server that knows no ranges is asked for all of it again", async () => {
    using server = aServer((n) => (n < 2 ? MIB : undefined), false);
    const got = await fetchTo({ open: server.open, sha256: sha256(bytes) });
    expect(got.size).toBe(bytes.length);
    expect(Buffer.compare(readFileSync(join(dir, "out")), bytes)).toBe(0);
  });

  test("a server that is away for a while is waited for", async () => {
    using server = aServer(() => undefined);
    let tries = 0;
    const open = (from: number, signal: AbortSignal) => {
      if (++tries < 3) throw new CallFailed("job_output_download", "the server answered 503", { status: 503, passing: true });
      return server.open(from, signal);
    };
    await fetchTo({ open });
    expect(tries).toBe(3);
  });

  test("a connection that falls silent is given up, and taken up again", async () => {
    using server = aServer(() => undefined);
    let now = 0;
    const timers: (() => void)[] = [];
    const after = (_: number, fn: () => void) => {
      timers.push(fn);
      return () => {};
    };
    const silent = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) }, { highWaterMark: 0 });
    const open = (from: number, signal: AbortSignal) => {
      if (timers.length > 0) return server.open(from, signal);
      queueMicrotask(() => queueMicrotask(() => passTime()));
      return Promise.resolve(new Response(silent));
    };
    const passTime = () => {
      now += 60_000;
      for (const fn of timers.splice(0)) fn();
      timers.push(() => {});
    };
    const got = await fetchTo({ world: { ...world, now: () => now, after }, patience: 120_000, open });
    expect(got.sha256).toBe(sha256(bytes));
  });

  test.each<[string, Partial<DownloadOptions>, string | typeof WrongContent]>([
    ["other bytes than announced", { sha256: "0".repeat(64) }, WrongContent],
    ["another size than announced", { size: 5 }, WrongContent],
    [
      "a refusal",
      {
        open: async () => {
          throw new CallFailed("job_output_download", "no such output", { status: 404, passing: false });
        },
      },
      "no such output",
    ],
  ])("%s leaves nothing behind, and what was there before untouched", async (_, options, expected) => {
    using server = aServer(() => undefined);
    writeFileSync(join(dir, "out"), "before");
    const fetching = fetchTo({ open: server.open, ...options });
    await expect(fetching).rejects.toThrow(expected);
    expect(readdirSync(dir)).toEqual(["out"]);
    expect(readFileSync(join(dir, "out"), "utf8")).toBe("before");
  });

  test("an empty file is a file", async () => {
    await fetchTo({ open: async () => new Response("", { headers: { "content-length": "0" } }), size: 0 });
    expect(readFileSync(join(dir, "out"), "utf8")).toBe("");
  });
});
