import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bells } from "../common/bells.ts";
import { silent } from "../common/logger.ts";
import { openDatabase } from "../common/sqlite/open.ts";
import { Wal } from "../common/sqlite/wal.ts";
import { realWorld } from "../common/world.ts";
import { Logs } from "../log/logs.ts";
import { change } from "./change.ts";
import { migrations } from "./migrations.ts";
import { Outbox } from "./outbox.ts";

const [A, B] = ["01HZZZZZZZZZZZZZZZZZZZZZZA", "01HZZZZZZZZZZZZZZZZZZZZZZB"];

/** An outbox on a database file, with logs of which some can be shut for a while. */
function anOutbox(dir = mkdtempSync(join(tmpdir(), "outbox-"))) {
  const bells = new Bells();
  const logs = new Logs({ dir: join(dir, "log"), world: realWorld(), bells });
  const shut = new Set<string>();
  const append: Logs["append"] = (id, batch) => {
    if (shut.has(id)) throw new Error("the disk is full");
    return logs.append(id, batch);
  };
  const db = openDatabase(join(dir, "core.sqlite"), { migrations });
  const outbox = new Outbox(db, { append }, silent);
  const core = { db, wal: new Wal(join(dir, "core.sqlite")), bells, outbox };
  const write = (log: string, text: string) => change(core, () => outbox.write(log, text));
  const read = (log: string) => logs.read(log, 1, 100).map((event) => event.payload);
  const rows = () => db.query<{ text: string }, []>("SELECT text FROM outbox ORDER BY id").all();
  return { ...core, core, dir, shut, write, read, rows };
}

test("an event is in its log after the change that tells of it, and not if that failed", () => {
  const { core, outbox, write, read } = anOutbox();
  write(A, "one");
  const failing = () =>
    change(core, () => {
      outbox.write(A, "never");
      throw new Error("rolled back");
    });
  expect(failing).toThrow("rolled back");
  write(A, "two");
  expect(read(A)).toEqual(["one", "two"]);
});

test("a log that cannot be written to holds up no other, and gets its events in order later", () => {
  const { write, read, shut, outbox } = anOutbox();
  shut.add(A);
  for (const text of ["1", "2"]) {
    write(A, `a${text}`);
    write(B, `b${text}`);
  }
  expect([read(A), read(B), outbox.isDelivered(A), outbox.isDelivered(B)]).toEqual([[], ["b1", "b2"], false, true]);
  shut.clear();
  outbox.carry();
  write(B, "b3");
  expect([read(A), read(B), outbox.isDelivered(A)]).toEqual([["a1", "a2"], ["b1", "b2", "b3"], true]);
});

test("a process that died before carrying leaves it to the next one, which doubles nothing", () => {
  const first = anOutbox();
  first.write(A, "one");
  first.shut.add(A);
  first.write(A, "two");
  expect(first.rows()).not.toEqual([]);
  const next = anOutbox(first.dir);
  expect(next.read(A)).toEqual(["one", "two"]);
  next.write(B, "other");
  expect(next.rows()).toEqual([{ text: "other" }]);
});

test("a log that was lost gets what comes from then on", () => {
  const first = anOutbox();
  for (const text of ["one", "two"]) first.write(A, text);
  rmSync(join(first.dir, "log"), { recursive: true });
  const next = anOutbox(first.dir);
  for (const text of ["three", "four"]) next.write(A, text);
  expect(next.read(A).slice(-2)).toEqual(["three", "four"]);
});

test("what is in a log that was closed is not carried again, as the log may be gone by then", () => {
  const first = anOutbox();
  first.write(A, "one");
  change(first.core, () => first.outbox.close(A));
  expect(first.rows()).toEqual([]);
  rmSync(join(first.dir, "log"), { recursive: true });
  const next = anOutbox(first.dir);
  expect(next.read(A)).toEqual([]);
});
