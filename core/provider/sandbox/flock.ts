import { dlopen } from "bun:ffi";
import { closeSync, openSync } from "node:fs";

const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Locks a directory for this process; the kernel unlocks it whichever way the process ends. Programs that clear old
 * temporary files (systemd-tmpfiles) leave a locked directory alone.
 *
 * @returns the function that unlocks; undefined if another has the lock
 */
export function lockDirectory(path: string): (() => void) | undefined {
  const { flock } = dlopen("libc.so.6", { flock: { args: ["i32", "i32"], returns: "i32" } }).symbols;
  const fd = openSync(path, "r");
  if (flock(fd, LOCK_EX | LOCK_NB) === 0) return () => closeSync(fd);
  closeSync(fd);
  return undefined;
}
