import { createReadStream, createWriteStream, type Stats } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { codeOf } from "../core/common/errors.ts";
import { IgnoreRules } from "./ignore.ts";
import { padding, tarEnd, tarHeader } from "./tar.ts";

/** What is known of the commit that a working tree stands on. */
export interface Commit {
  /** `owner/name` on GitHub. */
  repository: string | undefined;
  sha: string | undefined;
  branch: string | undefined;
}

/**
 * Files of a working tree that belong to it: what git tracks or would, or without git everything that no `.gitignore`
 * leaves out. Paths below `root`, in the order of their bytes.
 */
export async function listWorktree(root: string): Promise<string[]> {
  const names = (await listByGit(root)) ?? (await walk(root, "", []));
  return [...new Set(names)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Writes the working tree as a `.tar.gz`; the same tree makes the same bytes. @returns how many files it has */
export async function archiveWorktree(root: string, to: string): Promise<number> {
  const names = await listWorktree(root);
  await pipeline(Readable.from(entries(root, names)), createGzip({ level: 3 }), createWriteStream(to, { mode: 0o600 }));
  return names.length;
}

export function commitOf(root: string): Commit {
  const origin = git(root, "config", "--get", "remote.origin.url")?.trim() ?? "";
  return {
    repository: /github\.com[:/]([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(origin)?.[1],
    sha: git(root, "rev-parse", "--verify", "-q", "HEAD")?.trim(),
    branch: git(root, "symbolic-ref", "--short", "-q", "HEAD")?.trim(),
  };
}

/** The root of the working tree that `dir` lies in: as git has it, else what is above the folder of job files, else `dir`. */
export const topOf = (dir: string): string =>
  git(dir, "rev-parse", "--show-toplevel")?.trimEnd() || dir.replace(/\/\.github\/buildomat\/jobs$/, "");

async function* entries(root: string, names: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const name of names) {
    const path = join(root, name);
    const stat = await lstat(path).catch(ignoreMissing);
    if (stat?.isSymbolicLink()) yield tarHeader({ type: "link", name, mode: 0o777, target: await readlink(path) });
    if (stat?.isFile()) yield* fileEntry(path, name, stat);
  }
  yield tarEnd();
}

async function* fileEntry(path: string, name: string, { size, mode }: Stats): AsyncGenerator<Uint8Array> {
  yield tarHeader({ type: "file", name, mode: mode & 0o100 ? 0o755 : 0o644, size });
  let read = 0;
  if (size > 0)
    for await (const piece of createReadStream(path, { end: size - 1, highWaterMark: 1 << 18 })) {
      read += (piece as Buffer).length;
      yield piece as Buffer;
    }
  if (read !== size) throw new Error(`${path} changed while it was being read`);
  yield padding(size);
}

/** Tracked by git, but deleted here. */
function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR") throw error;
}

async function listByGit(root: string): Promise<string[] | undefined> {
  const listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard");
  if (listed === undefined) return undefined;
  const names: string[] = [];
  for (const name of listed.split("\0").filter((name) => name !== "")) {
    const stat = await lstat(join(root, name)).catch(ignoreMissing);
    // A submodule is listed as the folder that it is in.
    if (stat?.isDirectory()) for (const inner of await listWorktree(join(root, name))) names.push(join(name, inner));
    else names.push(name);
  }
  return names;
}

/** @returns undefined where git is missing, or does not know this folder */
function git(dir: string, ...args: string[]): string | undefined {
  if (!Bun.which("git")) return undefined;
  // The tree may belong to another user; listing it runs nothing of it.
  const run = Bun.spawnSync(["git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", ...args], {
    cwd: dir,
    stderr: "ignore",
  });
  return run.exitCode === 0 ? run.stdout.toString() : undefined;
}

interface Level {
  folder: string;
  rules: IgnoreRules;
}

async function walk(root: string, folder: string, above: readonly Level[]): Promise<string[]> {
  const children = await readdir(join(root, folder), { withFileTypes: true });
  const own = children.some(({ name }) => name === ".gitignore")
    ? [{ folder, rules: new IgnoreRules(await readFile(join(root, folder, ".gitignore"), "utf8")) }]
    : [];
  const levels = [...above, ...own];
  const names: string[] = [];
  for (const child of children) {
    const name = join(folder, child.name);
    if (child.name === ".git" || ignored(levels, name, child.isDirectory())) continue;
    if (child.isDirectory()) names.push(...(await walk(root, name, levels)));
    else if (child.isFile() || child.isSymbolicLink()) names.push(name);
  }
  return names;
}

/** The nearest `.gitignore` that speaks of a path decides. */
function ignored(levels: readonly Level[], path: string, isFolder: boolean): boolean {
  for (const { folder, rules } of levels.toReversed()) {
    const said = rules.ignores(folder === "" ? path : path.slice(folder.length + 1), isFolder);
    if (said !== undefined) return said;
  }
  return false;
}
