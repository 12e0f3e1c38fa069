import type { Database } from "bun:sqlite";
import { Type } from "@sinclair/typebox";

export const tables = { setting: Type.Object({ name: Type.String(), value: Type.String() }) };

/** What operators switch while the server runs; outlasts a restart. */
export const readSetting = (db: Database, name: string): string | undefined =>
  db.query<{ value: string }, [string]>("SELECT value FROM setting WHERE name = ?").get(name)?.value;

export function writeSetting(db: Database, name: string, value: string): void {
  db.query("INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value").run(
    name,
    value,
  );
}
