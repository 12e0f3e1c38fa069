import type { Database } from "bun:sqlite";
import { UsageError } from "../../core/common/command/failure.ts";
import { runById } from "../check/runs.ts";
import { suiteById } from "../check/suite.ts";
import type { RunRow, SuiteRow } from "../check/table.ts";

/** @throws UsageError */
export function suiteOf(db: Database, id = ""): SuiteRow {
  const suite = suiteById({ db }, id.toUpperCase());
  if (!suite) throw new UsageError(`there is no check suite ${id}`);
  return suite;
}

/** @throws UsageError */
export function runOf(db: Database, id = ""): RunRow {
  const run = runById({ db }, id.toUpperCase());
  if (!run) throw new UsageError(`there is no check run ${id}`);
  return run;
}

/** Of a repository that was there under this name at any time, as names are given anew. @throws UsageError */
export function repositoriesNamed(db: Database, owner: string, name: string): number[] {
  const found = db
    .query<{ id: number }, [string, string]>("SELECT id FROM repository WHERE owner = ? AND name = ?")
    .all(owner, name);
  if (found.length === 0) throw new UsageError(`there is no repository ${owner}/${name}`);
  return found.map(({ id }) => id);
}

/** A record for people: what is JSON in it is shown as such, secrets in addresses are not shown. */
export function record<T extends object>(row: T): Record<string, unknown> {
  const fields = Object.entries(row).map(([key, value]): [string, unknown] => {
    if (typeof value === "string" && /^[[{]/.test(value)) return [key, parsed(value)];
    return [key, key.startsWith("time") && typeof value === "number" ? new Date(value).toISOString() : value];
  });
  return Object.fromEntries(fields);
}

/** JSON where it is such; a tool that looks for what went wrong shows the rest as it is. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
