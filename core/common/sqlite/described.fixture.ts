import type { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { type TObject, type TSchema, TypeGuard } from "@sinclair/typebox";

/** Holds what the code says of its tables against a migrated database: names, columns, types and nullability. */
export function testTables(db: Database, described: Record<string, TObject>): void {
  test("every table is described", () => {
    const names = db
      .query<{ name: string }, []>(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
      )
      .all();
    expect(Object.keys(described).sort()).toEqual(names.map((row) => row.name));
  });

  test("every table is strict", () => {
    expect(db.query("SELECT name FROM pragma_table_list WHERE strict = 0 AND name NOT LIKE 'sqlite_%'").all()).toEqual([]);
  });

  test.each(Object.entries(described))("the rows of %s are as described", (name, row) => {
    const columns = db
      .query<{ name: string; type: string; notnull: number; pk: number }, [string]>("SELECT * FROM pragma_table_info(?)")
      .all(name);
    const real = Object.fromEntries(columns.map((c) => [c.name, c.notnull || c.pk ? c.type : `${c.type} or NULL`]));
    expect(Object.fromEntries(Object.entries(row.properties).map(([column, schema]) => [column, sqlType(schema)]))).toEqual(real);
  });
}

function sqlType(schema: TSchema): string {
  if (TypeGuard.IsUnion(schema)) return [...new Set(schema.anyOf.map(sqlType))].join(" or ");
  if (TypeGuard.IsNull(schema)) return "NULL";
  if (TypeGuard.IsNumber(schema)) return "REAL";
  return TypeGuard.IsInteger(schema) ? "INTEGER" : "TEXT";
}
