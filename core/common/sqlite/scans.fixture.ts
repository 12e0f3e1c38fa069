import type { Database } from "bun:sqlite";
import { spyOn } from "bun:test";

/** Watches what is asked of a database: `scanned` names the tables that were read whole instead of through an index. */
export function watchScans(db: Database): { scanned(): string[] } {
  const spy = spyOn(db, "query");
  return {
    scanned() {
      const asked = new Set(spy.mock.calls.map(([sql]) => sql));
      spy.mockRestore();
      return [...new Set([...asked].flatMap((sql) => scansOf(db, sql)))].sort();
    },
  };
}

function scansOf(db: Database, sql: string): string[] {
  // Of an insert, SQLite lists checks that are made only while a foreign key is violated.
  if (/^\s*INSERT/.test(sql)) return [];
  const plan = db.query<{ detail: string }, null[]>(`EXPLAIN QUERY PLAN ${sql}`);
  return plan.all(...Array<null>(plan.paramsCount).fill(null)).flatMap(({ detail }) => /^SCAN (\w+)$/.exec(detail)?.[1] ?? []);
}
