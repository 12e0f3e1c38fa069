import { chownSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Limits } from "./exec.ts";
import type { Paths } from "./paths.ts";

/**
 * Writes a script that only the user who is to run it can read, and takes it away again when `work` is over: it may hold
 * what no later task should see.
 */
export async function withScript<T>(
  { paths, limits }: { paths: Paths; limits: Limits },
  { name, text, uid, gid }: { name: string; text: string; uid: number; gid: number },
  work: (file: string) => Promise<T>,
): Promise<T> {
  mkdirSync(paths.run, { recursive: true, mode: 0o711 });
  const file = join(paths.run, `${name}.sh`);
  rmSync(file, { force: true });
  writeFileSync(file, text.endsWith("\n") ? text : `${text}\n`, { mode: 0o600, flag: "wx" });
  try {
    if (!limits.singleId && uid !== process.getuid?.()) chownSync(file, uid, gid);
    return await work(file);
  } finally {
    rmSync(file, { force: true });
  }
}
