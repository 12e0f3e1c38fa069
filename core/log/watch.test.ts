import { afterEach, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { manualWorld } from "../../test/fixture/manual-world.ts";
import { realWorld } from "../common/world.ts";
import { ID, line, numbered, someLogs } from "./fixture.ts";
import { watchResponse } from "./watch.ts";

interface Received {
  event: string;
  id: string;
  data: string;
}

/** A server with one log, whose state the test sets. */
function aServer(world = realWorld()) {
  const at = someLogs(undefined, world);
  const now = { state: "running", ended: false };
  const down = new AbortController();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 30,
    fetch: (request) => {
      const minseq = new URL(request.url).searchParams.get("minseq");
      const from = minseq === null ? undefined : Number(minseq);
      try {
        return watchResponse({
          ...at,
          shutdown: down.signal,
          request,
          id: ID,
          from,
          stateOf: () => now,
          allowed: () => true,
          topic: "job",
        });
      } catch (error) {
        return new Response(String(error), { status: 400 });
      }
    },
  });
  servers.push(server);
  return {
    ...at,
    down,
    server,
    become: (state: string, ended = false) => {
      Object.assign(now, { state, ended });
      at.bells.ring("job");
    },
    watch: (query = "", headers: Record<string, string> = {}, signal?: AbortSignal) =>
      fetch(`${server.url}${query}`, { headers, ...(signal ? { signal } : {}) }),
  };
}

const servers: Bun.Server<undefined>[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(true);
});

/** The records of a stream as they arrive. */
async function* received(answer: Response): AsyncGenerator<Received> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of answer.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    const records = text.split("\n\n");
    text = records.pop() ?? "";
    for (const record of records) {
      const fields = record.split("\n").filter((field) => !field.startsWith(":"));
      yield Object.fromEntries(fields.map((field) => field.split(/: (.*)/s))) as unknown as Received;
    }
  }
}

const seqs = (records: readonly Received[]) =>
  records.filter(({ event }) => event === "job").map(({ id }) => Number(id.slice(4)));
const upTo = (from: number, to: number) => Array.from({ length: to + 1 - from }, (_, i) => from + i);

describe("a log that has ended", () => {
  test("comes whole, with its state before and its end behind", async () => {
    const { logs, become, watch } = aServer();
    logs.append(ID, { source: "w", events: [{ ...line("first"), time: null, task: null }, line("second\nline")] });
    become("completed", true);
    const answer = await watch("?minseq=0");
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "text/event-stream",
      "x-accel-buffering": "no",
      "cache-control": "no-store",
    });
    const records = await Array.fromAsync(received(answer));
    expect(records.map(({ event, id }) => [event, id])).toEqual([
      ["state", "seq-0"],
      ["job", "seq-1"],
      ["job", "seq-2"],
      ["complete", "seq-2"],
    ]);
    expect([records[0]?.data, records[3]?.data]).toEqual(["completed", "-"]);
    expect(records.slice(1, 3).map(({ data }) => JSON.parse(data))).toEqual(logs.read(ID, 1, 10));
    expect(records[1]?.data).toContain('"task":null');
    expect(records[1]?.data).toContain('"time_remote":null');
  });

  test.each([
    ["?minseq=1", undefined, upTo(1, 10)],
    ["?minseq=7", undefined, upTo(7, 10)],
    ["?minseq=99", undefined, []],
    ["", undefined, []],
    ["?minseq=0", "seq-8", [9, 10]],
    ["?minseq=9", "seq-2", upTo(3, 10)],
    ["", "seq-0", upTo(1, 10)],
    ["", "seq-10", []],
  ])("from %p with Last-Event-ID %p", async (query, last, expected) => {
    const { logs, become, watch } = aServer();
    logs.append(ID, { source: "w", events: numbered(1, 10) });
    become("failed", true);
    const records = await Array.fromAsync(received(await watch(query, last === undefined ? {} : { "last-event-id": last })));
    expect(seqs(records)).toEqual(expected);
    expect(records.at(-1)?.event).toBe("complete");
  });

  test("can be long: every event once, in order", async () => {
    const { logs, become, watch } = aServer();
    for (let n = 1; n <= 20_000; n += 2_500) logs.append(ID, { source: "w", events: numbered(n, 2_500) });
    become("completed", true);
    expect(seqs(await Array.fromAsync(received(await watch("?minseq=1"))))).toEqual(upTo(1, 20_000));
  });
});

test("a client that takes nothing is cut off, and one that reads slowly is not", async () => {
  const world = manualWorld();
  const { logs, become, server } = aServer(world);
  const text = "x".repeat(8_000);
  for (let n = 0; n < 20; n++) logs.append(ID, { source: "w", events: Array.from({ length: 100 }, () => line(text)) });
  become("completed", true);
  const open = () =>
    new Promise<Socket>((resolve) => {
      const socket = connect(Number(server.port), "127.0.0.1", () => resolve(socket));
      socket.on("error", () => {});
      socket.write("GET /?minseq=1 HTTP/1.1\r\nhost: x\r\n\r\n");
    });
  const [idle, slow] = [await open(), await open()];
  idle.pause();
  const whole = new Promise<void>((resolve) => {
    slow.on("data", (piece) => {
      if (piece.includes("event: complete")) return resolve();
      slow.pause();
      // Less than the patience for each piece, and more for all of them.
      void world.advance(4_000).then(() => slow.resume());
    });
  });
  await whole;
  let given = 0;
  idle.on("data", (piece) => {
    given += piece.length;
  });
  const gone = new Promise((resolve) => idle.on("close", resolve));
  idle.resume();
  await gone;
  expect(given).toBeLessThan(16_000_000);
  slow.destroy();
});

test("a cursor that is none is refused", async () => {
  expect((await aServer().watch("", { "last-event-id": "17" })).status).toBe(400);
});

test("a log that grows is followed to its end", async () => {
  const { logs, become, watch } = aServer();
  logs.append(ID, { source: "w", events: numbered(1, 3) });
  const stream = received(await watch("?minseq=1"));
  const next = async () => (await stream.next()).value as Received;
  expect([await next(), await next(), await next(), await next()].map(({ id }) => id)).toEqual([
    "seq-0",
    "seq-1",
    "seq-2",
    "seq-3",
  ]);
  logs.append(ID, { source: "w", events: numbered(4, 1) });
  expect((await next()).id).toBe("seq-4");
  become("queued");
  expect(await next()).toEqual({ event: "state", id: "seq-4", data: "queued" });
  become("queued");
  logs.append(ID, { source: "w", events: numbered(5, 1) });
  expect((await next()).id).toBe("seq-5");
  logs.append(ID, { source: "core", events: numbered(6, 1) });
  become("completed", true);
  expect((await Array.fromAsync(stream)).map(({ event, id }) => `${event} ${id}`).sort()).toEqual([
    "complete seq-6",
    "job seq-6",
    expect.stringMatching(/^state seq-[56]$/),
  ]);
});

test("many followers, some cut off and coming back, see every event once", async () => {
  const { logs, become, watch } = aServer();
  const total = 3_000;
  const follow = async (number: number) => {
    const got: number[] = [];
    for (;;) {
      const cut = new AbortController();
      const headers: Record<string, string> = got.length > 0 ? { "last-event-id": `seq-${got.at(-1)}` } : {};
      const answer = await watch("?minseq=1", headers, cut.signal);
      for await (const { event, id } of received(answer)) {
        if (event === "complete") return got;
        if (event !== "job") continue;
        got.push(Number(id.slice(4)));
        // Every third connection is lost again and again.
        if (number % 3 === 0 && got.length % 500 === 499) break;
      }
      cut.abort();
    }
  };
  const followers = Promise.all(upTo(1, 40).map(follow));
  for (let n = 1; n <= total; n += 10) {
    logs.append(ID, { source: "w", events: numbered(n, 10) });
    if (n % 100 === 1) await Bun.sleep(1);
  }
  become("completed", true);
  for (const got of await followers) expect(got).toEqual(upTo(1, total));
});

test("a silent stream is kept alive", async () => {
  const timers: (() => void)[] = [];
  const after = (_: number, fn: () => void) => {
    timers.push(fn);
    return () => {};
  };
  const { watch, become } = aServer({ ...realWorld(), after });
  const reader = (await watch()).body?.getReader();
  const text = async () => new TextDecoder().decode((await reader?.read())?.value);
  expect(await text()).toStartWith("event: state\n");
  for (const timer of timers.splice(0)) timer();
  expect(await text()).toBe(": nothing happens\n");
  become("completed", true);
  expect(await text()).toContain("data: completed");
});

test("streams end when the server stops", async () => {
  const { watch, down, server } = aServer();
  const streams = await Promise.all(upTo(1, 10).map(async () => received(await watch())));
  for (const stream of streams) expect(((await stream.next()).value as Received).event).toBe("state");
  down.abort();
  for (const stream of streams) expect(await Array.fromAsync(stream)).toEqual([]);
  await server.stop();
});

test("a follower who has gone leaves nothing behind", async () => {
  const { watch, server, bells } = aServer();
  const listening = new Set<unknown>();
  const wait = bells.wait.bind(bells);
  bells.wait = async (...args) => {
    listening.add(args);
    await wait(...args);
    listening.delete(args);
  };
  const cuts = upTo(1, 20).map(() => new AbortController());
  for (const cut of cuts) await (await watch("", {}, cut.signal)).body?.getReader().read();
  for (const cut of cuts) cut.abort();
  while (listening.size > 0 || server.pendingRequests > 0) await Bun.sleep(1);
  expect(listening.size).toBe(0);
});
