import { createReadStream, createWriteStream, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createZstdCompress } from "node:zlib";
import { openReadOnly } from "../common/sqlite/open.ts";
import { type Sealed, sealOf } from "./log-file.ts";

/**
 * Writes a sealed log to a compressed file: zstd of an SQLite database, whatever its write-ahead log still holds.
 *
 * @param to is made anew @returns what the log says of itself @throws Error for one that is not sealed
 */
export async function packLog(file: string, to: string): Promise<Sealed> {
  const copy = `${to}.new`;
  rmSync(copy, { force: true });
  try {
    const sealed = copyLog(file, copy);
    await pipeline(createReadStream(copy), createZstdCompress(), createWriteStream(to));
    return sealed;
  } finally {
    rmSync(copy, { force: true });
  }
}

function copyLog(file: string, to: string): Sealed {
  const db = openReadOnly(file);
  try {
    const sealed = sealOf(db);
    if (!sealed) throw new Error("the log is not sealed");
    db.query("VACUUM INTO ?").run(to);
    return sealed;
  } finally {
    db.close();
  }
}
