import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testTables } from "../../core/common/sqlite/described.fixture.ts";
import { openDatabase } from "../../core/common/sqlite/open.ts";
import { tables as account } from "../account/table.ts";
import { tables as check } from "../check/table.ts";
import { tables as delivery } from "../delivery/table.ts";
import { tables as secret } from "../secret/table.ts";
import { migrations } from "./migrations.ts";

testTables(openDatabase(":memory:", { migrations }), { ...account, ...check, ...delivery, ...secret });

test("what GitHub has been told of annotations outlives the step that counts them", () => {
  using dir = new DisposableStack();
  const path = mkdtempSync(join(tmpdir(), "tables-"));
  dir.defer(() => rmSync(path, { recursive: true, force: true }));
  const file = join(path, "data.sqlite");
  const old = openDatabase(file, { migrations: migrations.slice(0, 2) });
  old.run("PRAGMA foreign_keys = OFF");
  for (const [id, annotated] of Object.entries({ told: 1, untold: 0 }))
    old
      .query(
        `INSERT INTO check_run (id, check_suite, name, variety, state, conclusion, time_create, annotated, report)
         VALUES (?, 'suite', ?, 'basic', 'over', 'success', 0, ?, '{"summary": "", "annotations": [{}, {}]}')`,
      )
      .run(id, id, annotated);
  old.close();
  const db = openDatabase(file, { migrations });
  dir.defer(() => db.close());
  expect(db.query("SELECT id, annotated FROM check_run ORDER BY id").values()).toEqual([
    ["told", 2],
    ["untold", 0],
  ]);
});
