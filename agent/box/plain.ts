import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import type { Libc } from "./libc.ts";

/**
 * Where jobs run as plain processes, the agent uses the machine as it is. The machine must be there for one job alone: what
 * the last one left would be the next one's to read, and there is no telling it from what belongs to the machine.
 *
 * @throws Error if the machine is not fresh
 */
export function useHost(libc: Libc): void {
  for (const path of ["/work", "/input", "/opt/buildomat/etc"])
    if (existsSync(path) && readdirSync(path).length > 0)
      throw new Error(`jobs run as plain processes here, which takes a fresh machine for each: ${path} is not empty`);
  for (const path of ["/work", "/input", "/home/build"]) mkdirSync(path, { recursive: true });
  if (!existsSync("/usr/bin/bmat")) symlinkSync(process.execPath, "/usr/bin/bmat");
  libc.adoptOrphans();
}
