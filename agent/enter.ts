import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Whether a user without further groups may enter the directory and all above it: by their modes, or, where those say no,
 * by the kernel's own word, which knows of access lists too.
 *
 * @throws the file system's error for a directory that is not there
 */
export function mayEnter(directory: string, { uid, gid }: { uid: number; gid: number }): boolean {
  if (uid === 0 || withParents(realpathSync(directory)).every((path) => isOpen(path, uid, gid))) return true;
  if (process.getuid?.() !== 0) return false;
  const probe = ["/usr/bin/test", "-x", directory];
  return Bun.spawnSync(probe, { uid, gid, cwd: "/", env: {}, stdio: ["ignore", "ignore", "ignore"] }).success;
}

function isOpen(path: string, uid: number, gid: number): boolean {
  const at = statSync(path);
  return (at.mode & (at.uid === uid ? 0o100 : at.gid === gid ? 0o010 : 0o001)) !== 0;
}

const withParents = (path: string): string[] => (path === "/" ? ["/"] : [path, ...withParents(dirname(path))]);
