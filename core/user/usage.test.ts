import { expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../common/sqlite/open.ts";
import { migrations } from "../db/migrations.ts";
import type { UserUsageRow } from "./table.ts";

const BEFORE_USAGE = 5;

const SCENE = `
  INSERT INTO user (id, name, token_hash, time_create) VALUES ('a', 'alice', 'x', 0), ('b', 'bob', 'y', 0), ('c', 'carol', 'z', 0);
  INSERT INTO target (id, name, desc) VALUES ('t', 't', '');
  INSERT INTO job (id, owner, name, target, target_id, state, time_purged) VALUES
    ('a1', 'a', '', '', 't', 'running', NULL), ('a2', 'a', '', '', 't', 'queued', NULL), ('a3', 'a', '', '', 't', 'waiting', NULL),
    ('a4', 'a', '', '', 't', 'failed', NULL), ('a5', 'a', '', '', 't', 'completed', 1), ('b1', 'b', '', '', 't', 'completed', NULL);
  INSERT INTO file (job, id, size, sha256, commit_id, kind, name) VALUES
    ('a1', 'f1', 10, '', 'c', 'output', ''), ('a4', 'f2', 5, '', 'c', 'output', ''), ('a4', 'f3', 7, '', 'd', 'input', ''),
    ('a5', 'f4', 100, '', 'c', 'output', '');
`;

const rows = (db: ReturnType<typeof openDatabase>) => db.query<UserUsageRow, []>("SELECT * FROM user_usage ORDER BY user").all();

const EXPECTED = [
  { user: "a", active: 3, running: 1, bytes: 22 },
  { user: "b", active: 0, running: 0, bytes: 0 },
];

test("a database from before is counted once, and comes to what is counted as it happens", () => {
  const file = join(mkdtempSync(join(tmpdir(), "usage-")), "core.sqlite");
  const old = openDatabase(file, { migrations: migrations.slice(0, BEFORE_USAGE) });
  old.run(SCENE);
  old.close();
  const db = openDatabase(file, { migrations });
  const fresh = openDatabase(":memory:", { migrations });
  fresh.run(SCENE);
  expect([rows(db), rows(fresh)]).toEqual([EXPECTED, EXPECTED]);
});

test("a purged job's files count no more, and not twice when their rows go too", () => {
  const db = openDatabase(":memory:", { migrations });
  db.run(SCENE);
  const bytes = () => rows(db)[0]?.bytes;
  db.run("UPDATE job SET time_purged = 2 WHERE id = 'a4'");
  expect(bytes()).toBe(10);
  db.run("UPDATE job SET time_purged = 3 WHERE id = 'a4'");
  db.run("DELETE FROM file WHERE job = 'a4'");
  expect(bytes()).toBe(10);
  db.run("DELETE FROM file WHERE job = 'a1'");
  expect(bytes()).toBe(0);
});

test("every state that a job comes from and goes to is counted", () => {
  const db = openDatabase(":memory:", { migrations });
  db.run(SCENE);
  const active = ["waiting", "queued", "running"];
  const states = [...active, "completed", "failed"];
  for (const from of states)
    for (const to of states) {
      db.query("UPDATE job SET state = ? WHERE id = 'b1'").run(from);
      db.query("UPDATE job SET state = ? WHERE id = 'b1'").run(to);
      const expected = { active: Number(active.includes(to)), running: Number(to === "running") };
      expect([from, to, rows(db)[1]]).toEqual([from, to, { user: "b", ...expected, bytes: 0 }]);
    }
});
