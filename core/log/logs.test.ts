import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Refused, Refused as RefusedError } from "../common/refused.ts";
import { realWorld } from "../common/world.ts";
import { ID, json, line, numbered, payloads, someLogs } from "./fixture.ts";
import type { Logs } from "./logs.ts";

const all = (logs: Logs) => logs.read(ID, 1, 1_000_000);

const refusal = (work: () => unknown): Refused => {
  try {
    work();
  } catch (error) {
    if (error instanceof RefusedError) return error;
    throw error;
  }
  throw new Error("was not refused");
};

describe("append", () => {
  test("numbers events from 1 without gaps, whoever writes", () => {
    const { logs } = someLogs();
    logs.append(ID, { source: "core", first: 1, events: [{ stream: "control", time: null, payload: "assigned", task: null }] });
    logs.append(ID, { source: "worker", first: 1, events: numbered(1, 2) });
    expect(logs.append(ID, { source: "core", first: 2, events: [line("done")] })).toEqual({ next: 3, last: 4 });
    expect(all(logs).map(({ seq, payload }) => [seq, payload])).toEqual([
      [1, "assigned"],
      [2, "line 1"],
      [3, "line 2"],
      [4, "done"],
    ]);
  });

  test("keeps both clocks", () => {
    const world = { ...realWorld(), now: () => Date.UTC(2026, 10, 22, 18, 56, 50, 378) };
    const { logs } = someLogs(undefined, world);
    logs.append(ID, { source: "core", events: [{ stream: "control", time: null, payload: "", task: null }, line("x")] });
    expect(all(logs)).toEqual([
      { payload: "", seq: 1, stream: "control", task: null, time: "2026-11-22T18:56:50.378Z", time_remote: null },
      {
        payload: "x",
        seq: 2,
        stream: "stdout",
        task: 0,
        time: "2026-11-22T18:56:50.378Z",
        time_remote: "2026-01-02T03:04:05.678Z",
      },
    ]);
  });

  test("drops what a source sends again and takes the rest", () => {
    const { logs } = someLogs();
    logs.append(ID, { source: "w", first: 1, events: numbered(1, 3) });
    expect(logs.append(ID, { source: "w", first: 1, events: numbered(1, 3) })).toEqual({ next: 4, last: 3 });
    expect(logs.append(ID, { source: "w", first: 2, events: numbered(2, 4) })).toEqual({ next: 6, last: 5 });
    expect(logs.appendBody(ID, { source: "w", first: 5 }, json(numbered(5, 2)))).toEqual({ next: 7, last: 6 });
    expect(payloads(all(logs))).toEqual(payloads2(1, 6));
  });

  test("stores nothing after a gap and says what is missing", () => {
    const { logs } = someLogs();
    logs.append(ID, { source: "w", first: 1, events: numbered(1, 2) });
    expect(logs.append(ID, { source: "w", first: 4, events: numbered(4, 2) })).toEqual({ next: 3, last: 2 });
    expect(logs.last(ID)).toBe(2);
  });

  test("answers an empty batch with the number wanted", () => {
    const { logs } = someLogs();
    logs.append(ID, { source: "w", first: 1, events: numbered(1, 2) });
    expect(logs.append(ID, { source: "w", first: 1, events: [] })).toEqual({ next: 3, last: 2 });
    expect(logs.append(ID, { source: "other", first: 1, events: [] })).toEqual({ next: 1, last: 2 });
  });

  test("stores twice what comes twice without a number", () => {
    const { logs } = someLogs();
    logs.append(ID, { source: "old", events: [line("a")] });
    logs.append(ID, { source: "old", events: [line("a")] });
    expect(payloads(all(logs))).toEqual(["a", "a"]);
  });

  test("rings after the write, and only when something was written", () => {
    const { logs, bells } = someLogs();
    logs.append(ID, { source: "w", first: 1, events: [line("a")] });
    const rung = bells.version(`log ${ID}`);
    expect(rung).toBeGreaterThan(0);
    logs.append(ID, { source: "w", first: 1, events: [line("a")] });
    expect(bells.version(`log ${ID}`)).toBe(rung);
  });

  test("goes on after every step when the process was replaced", () => {
    let at = someLogs();
    for (let n = 1; n <= 5; n++) {
      at.logs.append(ID, { source: "w", first: n, events: numbered(n, 1) });
      at.logs.append(ID, { source: "core", first: n, events: [line(`core ${n}`)] });
      // Not closed: what the next one finds is what a killed process leaves.
      at = someLogs(at.dir);
      expect(at.logs.append(ID, { source: "w", first: n, events: numbered(n, 1) })).toEqual({ next: n + 1, last: 2 * n });
    }
    expect(all(at.logs).map(({ seq }) => seq)).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
  });
});

const payloads2 = (from: number, to: number) => payloads(numbered(from, to - from + 1) as never);

describe("what a writer may send", () => {
  test.each([
    ["no array", { payload: "x" }, "expected an array"],
    ["no object", [line("a"), "x"], "event 1: expected an object"],
    ["no payload", [{ ...line("a"), payload: 1 }], "event 0: payload"],
    ["a stream with a space", [line("a"), line("b"), { ...line("c"), stream: "a b" }], "event 2: stream"],
    ["a stream that is too long", [{ ...line("a"), stream: "x".repeat(65) }], "event 0: stream"],
    ["a time that is none", [{ ...line("a"), time: "yesterday" }], "event 0: time"],
    ["a day that is none", [{ ...line("a"), time: "2026-13-01T00:00:00Z" }], "event 0: time"],
    ["a 60th second", [{ ...line("a"), time: "2026-01-01T00:00:60Z" }], "event 0: time"],
    ["a space for the T", [{ ...line("a"), time: "2026-01-01 00:00:00Z" }], "event 0: time"],
    ["a negative task", [{ ...line("a"), task: -1 }], "event 0: task"],
    ["half a task", [{ ...line("a"), task: 0.5 }], "event 0: task"],
  ])("refuses %s and stores nothing", (_, events, message) => {
    const { logs } = someLogs();
    const refused = refusal(() => logs.appendBody(ID, { source: "w" }, json(events)));
    expect(refused.status).toBe(400);
    expect(refused.message).toStartWith(message);
    expect(logs.last(ID)).toBe(0);
  });

  test.each([
    ["no JSON", new TextEncoder().encode("[{")],
    ["no UTF-8", new Uint8Array([0x5b, 0x22, 0xff, 0x22, 0x5d])],
  ])("refuses a body that is %s", (_, body) => {
    expect(refusal(() => someLogs().logs.appendBody(ID, { source: "w" }, body)).status).toBe(400);
  });

  test("times come out in UTC with their fraction", () => {
    const { logs } = someLogs();
    const times = ["2026-01-02T03:04:05+02:00", "2026-01-02t03:04:05.123456789-00:30", "2026-01-02T03:04:05.12Z"];
    logs.appendBody(ID, { source: "w" }, json(times.map((time) => ({ ...line("x"), time }))));
    expect(all(logs).map((event) => event.time_remote)).toEqual([
      "2026-01-02T01:04:05Z",
      "2026-01-02T03:34:05.123456789Z",
      "2026-01-02T03:04:05.12Z",
    ]);
  });

  test("fields may be missing, unknown ones are ignored", () => {
    const { logs } = someLogs();
    logs.appendBody(ID, { source: "w" }, json([{ stream: "", payload: "x", more: 1 }]));
    expect(all(logs)[0]).toMatchObject({ payload: "x", stream: "", task: null, time_remote: null });
    expect(Object.keys(all(logs)[0] ?? {})).toEqual(["payload", "seq", "stream", "task", "time", "time_remote"]);
  });

  test("any text comes back as it came", () => {
    const { logs } = someLogs();
    const texts = ["", "\u0000", "a\nb\r", "\u2028", "\ud800", "😀", '"\\', "x".repeat(100_000)];
    logs.appendBody(ID, { source: "w" }, json(texts.map(line)));
    expect(payloads(all(logs))).toEqual(texts);
  });
});

describe("read", () => {
  test("finds any event across the borders of batches", () => {
    const { logs } = someLogs();
    for (let n = 1; n <= 1000; n += 37) logs.append(ID, { source: "w", events: numbered(n, Math.min(37, 1001 - n)) });
    for (const from of [1, 2, 37, 38, 39, 500, 999, 1000]) {
      for (const limit of [1, 36, 37, 38, 100, 2000]) {
        const page = logs.read(ID, from, limit);
        expect(page.map(({ seq }) => seq)).toEqual(Array.from({ length: Math.min(limit, 1001 - from) }, (_, i) => from + i));
        expect(page[0]?.payload).toBe(`line ${from}`);
      }
    }
    expect(logs.read(ID, 0, 1)[0]?.seq).toBe(1);
    expect(logs.read(ID, 1001, 10)).toEqual([]);
  });

  test("a batch larger than a row is one append all the same", () => {
    const { logs, dir } = someLogs();
    expect(logs.appendBody(ID, { source: "w", first: 1 }, json(numbered(1, 12_345)))).toEqual({ next: 12_346, last: 12_345 });
    expect(payloads(someLogs(dir).logs.read(ID, 4_990, 20))).toEqual(payloads2(4_990, 5_009));
    expect(logs.read(ID, 12_345, 5)).toHaveLength(1);
  });

  test("a page of long lines ends early, and never before its first line", () => {
    const { logs } = someLogs();
    logs.append(ID, {
      source: "w",
      events: [line("x".repeat(5_000_000)), line("y".repeat(3_000_000)), line("z".repeat(3_000_000)), line("end")],
    });
    expect(logs.read(ID, 1, 1000).map(({ seq }) => seq)).toEqual([1]);
    expect(logs.read(ID, 2, 1000).map(({ seq }) => seq)).toEqual([2, 3]);
  });

  test("of a log that is not there gives nothing and makes nothing", () => {
    const { logs, dir } = someLogs();
    expect([logs.read(ID, 1, 10), logs.last(ID), logs.sealed(ID), [...logs.lines(ID)]]).toEqual([[], 0, undefined, []]);
    expect(readdirSync(dir)).toEqual([]);
  });
});

test("lines are the export, from any event on", () => {
  const { logs } = someLogs();
  logs.append(ID, { source: "w", events: numbered(1, 9_000) });
  const lines = new TextDecoder().decode(Buffer.concat([...logs.lines(ID, 8_999)])).split("\n");
  expect(lines).toHaveLength(3);
  expect(lines[0]).toStartWith('{"payload":"line 8999","seq":8999,"stream":"stdout","task":0,"time":"');
});

test("more logs than stay open at once are all there", () => {
  const { logs } = someLogs();
  const ids = Array.from({ length: 150 }, (_, i) => `01HZZZZZZZZZZZZZZZZZZZZ${String(i).padStart(3, "0")}`);
  for (const round of [1, 2]) for (const id of ids) logs.append(id, { source: "w", first: round, events: numbered(round, 1) });
  for (const id of ids) expect(payloads(logs.read(id, 1, 10))).toEqual(["line 1", "line 2"]);
});

test("an idle log is closed, and opened again when it is wanted", () => {
  let now = 1_000_000;
  const timers: (() => void)[] = [];
  const after = (_: number, fn: () => void) => {
    timers.push(fn);
    return () => {};
  };
  const world = { ...realWorld(), now: () => now, after };
  const { logs, dir } = someLogs(undefined, world);
  const wal = join(dir, "Z7", `${ID}.sqlite-wal`);
  logs.append(ID, { source: "w", events: [line("a")] });
  expect(existsSync(wal)).toBeTrue();
  now += 60_000;
  timers.shift()?.();
  expect(existsSync(wal)).toBeFalse();
  expect(timers).toHaveLength(0);
  expect(logs.append(ID, { source: "w", events: [line("b")] }).last).toBe(2);
});

test("an id cannot lead out of the directory", () => {
  expect(() => someLogs().logs.append("../../etc/passwd", { source: "w", events: [] })).toThrow("not the id");
});
