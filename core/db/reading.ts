import type { Core } from "../core.ts";

/**
 * Runs several queries as one look at the database. Outside of it each query takes and drops the file's locks for itself,
 * which costs more than the query. `work` changes nothing.
 */
export function reading<T>({ db }: Pick<Core, "db">, work: () => T): T {
  if (db.inTransaction) return work();
  db.query("BEGIN").run();
  try {
    return work();
  } finally {
    db.query("COMMIT").run();
  }
}
