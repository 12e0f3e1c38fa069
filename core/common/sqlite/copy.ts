import { openReadOnly } from "./open.ts";

/** Copies a database that somebody may be writing to, as it is at one moment. @param to a file that is not there yet */
export function copyDatabase(from: string, to: string): void {
  const db = openReadOnly(from);
  try {
    db.query("VACUUM INTO ?").run(to);
  } finally {
    db.close();
  }
}
