import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Refused } from "../common/refused.ts";
import { ID, json, line, numbered, payloads, someLogs } from "./fixture.ts";
import type { Logs } from "./logs.ts";

const opened: Logs[] = [];
const openLogs = (dir?: string) => {
  const at = someLogs(dir);
  opened.push(at.logs);
  return at;
};
afterEach(() => {
  for (const logs of opened.splice(0)) logs.close();
});

/** The hash as somebody would compute it who knows only the published events. */
function hashOf(logs: Logs) {
  const hasher = new Bun.CryptoHasher("sha256");
  let count = 0;
  let bytes = 0;
  for (let seq = 1; ; ) {
    const page = logs.read(ID, seq, 777);
    if (page.length === 0) return { count, bytes, sha256: hasher.digest("hex") };
    for (const { payload, seq, stream, task, time, time_remote } of page) {
      const text = `${JSON.stringify({
        payload,
        seq,
        stream,
        ...(task === null ? {} : { task }),
        time,
        ...(time_remote === null ? {} : { time_remote }),
      })}\n`;
      hasher.update(text);
      count++;
      bytes += Buffer.byteLength(text);
    }
    seq += page.length;
  }
}

/** Many small batches of two sources, and a large one. */
function fill(logs: Logs): void {
  for (let n = 1; n <= 3_000; n += 3) {
    logs.append(ID, { source: "w", first: n, events: numbered(n, 3) });
    if (n % 100 === 1)
      logs.append(ID, { source: "core", events: [{ stream: "control", time: null, payload: "é 😀 \\ud800", task: null }] });
  }
  logs.appendBody(ID, { source: "w", first: 3_001 }, json(numbered(3_001, 7_000)));
  logs.append(ID, { source: "w", first: 10_001, events: [line("x".repeat(3_000_000)), line("end")] });
}

describe("sealing", () => {
  test("changes nothing that a reader sees, and its hash can be recomputed", async () => {
    const { logs, dir } = openLogs();
    fill(logs);
    const before = { hash: hashOf(logs), middle: logs.read(ID, 4_321, 100), last: logs.last(ID) };
    expect(await logs.seal(ID)).toEqual(before.hash);
    for (const reader of [logs, openLogs(dir).logs]) {
      expect(hashOf(reader)).toEqual(before.hash);
      expect(reader.read(ID, 4_321, 100)).toEqual(before.middle);
      expect(reader.last(ID)).toBe(before.last);
      expect(reader.sealed(ID)).toEqual(before.hash);
    }
  });

  test("is over the bytes of the export", async () => {
    const { logs } = openLogs();
    fill(logs);
    const { bytes, sha256 } = await logs.seal(ID);
    const lines = Buffer.concat([...logs.lines(ID)]);
    expect([lines.length, new Bun.CryptoHasher("sha256").update(lines).digest("hex")]).toEqual([bytes, sha256]);
  });

  test("leaves few rows, any of which is cheap to read", async () => {
    const { logs, dir } = openLogs();
    fill(logs);
    await logs.seal(ID);
    const db = new Database(join(dir, "Z7", `${ID}.sqlite`), { readonly: true });
    const rows = db.query<{ first: number; count: number }, []>("SELECT first, count FROM batch ORDER BY first").all();
    expect(rows.length).toBeLessThan(10);
    expect(Math.max(...rows.map(({ count }) => count))).toBeLessThanOrEqual(2_000);
    let next = 1;
    for (const { first, count } of rows) {
      expect(first).toBe(next);
      next += count;
    }
    db.close();
  });

  test("can be repeated, also at the same time", async () => {
    const { logs, dir } = openLogs();
    fill(logs);
    const [a, b] = await Promise.all([logs.seal(ID), logs.seal(ID)]);
    expect(b).toEqual(a);
    expect(await logs.seal(ID)).toEqual(a);
    expect(await openLogs(dir).logs.seal(ID)).toEqual(a);
  });

  test("of an empty log", async () => {
    const { logs } = openLogs();
    expect(await logs.seal(ID)).toEqual({ count: 0, bytes: 0, sha256: new Bun.CryptoHasher("sha256").digest("hex") });
    expect(logs.read(ID, 1, 10)).toEqual([]);
  });

  test("ends appending, from its first moment", async () => {
    const { logs, dir } = openLogs();
    logs.append(ID, { source: "w", first: 1, events: numbered(1, 3) });
    const sealing = logs.seal(ID);
    const refused = (at: Logs) => {
      expect(() => at.append(ID, { source: "w", first: 4, events: numbered(4, 1) })).toThrow(Refused);
      expect(() => at.append(ID, { source: "new", events: numbered(1, 1) })).toThrow("sealed");
      // What is there already is confirmed: its sender may have missed the answer.
      expect(at.append(ID, { source: "w", first: 2, events: numbered(2, 2) })).toEqual({ next: 4, last: 3 });
    };
    refused(logs);
    await sealing;
    refused(logs);
    refused(openLogs(dir).logs);
    expect(payloads(logs.read(ID, 1, 10))).toEqual(["line 1", "line 2", "line 3"]);
  });

  test("readers see the whole log all the time", async () => {
    const { logs } = openLogs();
    fill(logs);
    const { count } = hashOf(logs);
    let sealed = false;
    const sealing = logs.seal(ID).then((result) => {
      sealed = true;
      return result;
    });
    for (let n = 0; !sealed; n++) {
      const from = 1 + ((n * 7919) % count);
      expect(logs.read(ID, from, 50).map(({ seq }) => seq)).toEqual(
        Array.from({ length: Math.min(50, count + 1 - from) }, (_, i) => from + i),
      );
      await Bun.sleep(0);
    }
    expect((await sealing).count).toBe(count);
  });
});

test("a process that is killed while it seals leaves the log as it was", async () => {
  const { logs, dir } = openLogs();
  for (let n = 1; n <= 200_000; n += 2_000) logs.appendBody(ID, { source: "w", first: n }, json(numbered(n, 2_000)));
  const whole = hashOf(logs);
  logs.close();
  const file = join(dir, "Z7", `${ID}.sqlite`);
  // Says when it is in the middle of its transaction, and is killed there.
  const script = `
    import { Database } from "bun:sqlite";
    const run = Database.prototype.query;
    let inserted = 0;
    Database.prototype.query = function (sql) {
      const statement = run.call(this, sql);
      if (!sql.startsWith("INSERT INTO batch")) return statement;
      return { run: (...values) => { if (++inserted === 20) { console.log("half-way"); process.kill(process.pid, "SIGSTOP"); } return statement.run(...values); } };
    };
    const { sealLog } = await import(${JSON.stringify(join(import.meta.dir, "seal.ts"))});
    sealLog(${JSON.stringify(file)});
    console.log("done");`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
  const { value } = await child.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("half-way\n");
  child.kill("SIGKILL");
  await child.exited;
  const again = openLogs(dir).logs;
  expect(again.sealed(ID)).toBeUndefined();
  expect(hashOf(again)).toEqual(whole);
  expect(again.append(ID, { source: "w", first: 200_001, events: numbered(200_001, 1) }).last).toBe(200_001);
  expect(await again.seal(ID)).toEqual(hashOf(again));
});
