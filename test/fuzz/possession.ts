import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TestServer } from "../../core/fixture.ts";

/** What nobody but an administrator may change, whoever it belongs to. */
const COMMON = ["user_privilege", "target", "setting"];

/**
 * All that the server keeps of what `ids` name, and all that belongs to the administrators: rows, logs and files. The same
 * text again when nothing has touched them.
 */
export function possessionOf({ core, data }: TestServer, ids: ReadonlySet<string>): string {
  const tables = core.db
    .query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all();
  const rows = tables.flatMap(({ name }) =>
    core.db
      .query<Record<string, unknown>, []>(`SELECT * FROM "${name}"`)
      .all()
      .filter((row) => COMMON.includes(name) || Object.values(row).some((value) => typeof value === "string" && ids.has(value)))
      .map((row) => `${name} ${JSON.stringify(row)}`)
      .sort(),
  );
  const logs = [...ids].map((id) => `log ${id} ${JSON.stringify(core.logs.read(id, 0, 1000))}`);
  const files = ["chunk", "file"].flatMap((folder) => [...ids].flatMap((id) => filesIn(join(data, folder, id))));
  return [...rows, ...logs, ...files].join("\n");
}

function filesIn(directory: string): string[] {
  if (!statSync(directory, { throwIfNoEntry: false })) return [];
  return readdirSync(directory)
    .sort()
    .map((name) => `file ${join(directory, name)} ${readFileSync(join(directory, name), "base64")}`);
}
