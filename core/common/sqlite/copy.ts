import { writeFileSync } from "node:fs";
import { openReadOnly } from "./open.ts";

/** Copies a database that somebody may be writing to, as it is at one moment. @param to a file that is not there yet; its owner's alone */
export function copyDatabase(from: string, to: string): void {
  const db = openReadOnly(from);
  try {
    // SQLite asks for an empty file or none, and would let everybody read what it makes.
    writeFileSync(to, "", { mode: 0o600, flag: "wx" });
    db.query("VACUUM INTO ?").run(to);
  } finally {
    db.close();
  }
}
