import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Changes, CommitInfo } from "./state.ts";

export const ZERO = "0".repeat(40);

/** git as a server runs it: without the configuration of whoever runs the tests. */
export const gitEnvironment: Record<string, string> = {
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  HOME: "/nonexistent",
  LANG: "C.UTF-8",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
};

/** What a commit does to a file: its new text or bytes; null removes it; `exec` makes it executable. */
export type FileChange = string | Uint8Array | null | { content: string | Uint8Array; exec?: boolean; link?: boolean };

export interface NewCommit {
  message: string;
  author: { name: string; email: string };
  /** Seconds since the epoch. */
  time: number;
  parents: string[];
  files: Record<string, FileChange>;
}

export interface TreeEntry {
  mode: string;
  type: "blob" | "tree" | "commit";
  sha: string;
  size: number;
  path: string;
}

export interface FileDifference {
  path: string;
  previous: string | undefined;
  status: "added" | "removed" | "modified" | "renamed";
  sha: string;
  additions: number;
  deletions: number;
  patch: string;
}

interface Extra {
  input?: Uint8Array;
  env?: Record<string, string>;
}

/** @throws Error with git's own words when it fails */
async function git(dir: string, args: string[], extra?: Extra): Promise<string> {
  return new TextDecoder().decode(await gitBytes(dir, args, extra));
}

async function gitBytes(dir: string, args: string[], { input = new Uint8Array(), env = {} }: Extra = {}): Promise<Uint8Array> {
  const child = Bun.spawn(["git", ...args], {
    cwd: dir,
    env: { ...gitEnvironment, ...env },
    stdin: input,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [bytes, errors] = await Promise.all([new Response(child.stdout).bytes(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`git ${args[0]}: ${errors.trim() || `exit ${child.exitCode}`}`);
  return bytes;
}

/** Makes an empty bare repository that serves any commit it has, as GitHub does. */
export async function initRepository(dir: string, defaultBranch: string): Promise<void> {
  mkdirSync(dirname(dir), { recursive: true });
  await git(dirname(dir), ["init", "--quiet", "--bare", `--initial-branch=${defaultBranch}`, dir]);
  const config = {
    "http.receivepack": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "uploadpack.allowFilter": "true",
    "transfer.hideRefs": "refs/scratch",
  };
  for (const [key, value] of Object.entries({ ...config, "gc.auto": "0" })) await git(dir, ["config", key, value]);
}

/** Writes a commit that no branch points to yet. @returns its sha */
export async function writeCommit(dir: string, commit: NewCommit): Promise<string> {
  const scratch = `refs/scratch/${crypto.randomUUID()}`;
  const who = `${commit.author.name} <${commit.author.email}> ${commit.time} +0000`;
  const stream: (string | Uint8Array)[] = [`commit ${scratch}\nauthor ${who}\ncommitter ${who}\n`, ...data(commit.message)];
  for (const [index, parent] of commit.parents.entries()) stream.push(`${index === 0 ? "from" : "merge"} ${parent}\n`);
  for (const [path, change] of Object.entries(commit.files)) stream.push(...fileChange(path, change));
  await git(dir, ["fast-import", "--quiet", "--date-format=raw"], { input: join(stream) });
  const sha = await revision(dir, scratch);
  await git(dir, ["update-ref", "-d", scratch]);
  if (!sha) throw new Error("git fast-import wrote no commit");
  return sha;
}

function fileChange(path: string, change: FileChange): (string | Uint8Array)[] {
  const name = JSON.stringify(path);
  if (change === null) return [`D ${name}\n`];
  if (typeof change === "string" || change instanceof Uint8Array) return [`M 100644 inline ${name}\n`, ...data(change)];
  return [`M ${change.link ? "120000" : change.exec ? "100755" : "100644"} inline ${name}\n`, ...data(change.content)];
}

function data(content: string | Uint8Array): (string | Uint8Array)[] {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return [`data ${bytes.length}\n`, bytes, "\n"];
}

const join = (pieces: (string | Uint8Array)[]) => new Uint8Array(Buffer.concat(pieces.map((piece) => Buffer.from(piece))));

/** The commit a branch, tag, ref or (abbreviated) sha means. */
export async function revision(dir: string, name: string): Promise<string | undefined> {
  if (name.startsWith("-")) return undefined;
  const found = await git(dir, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`]).catch(() => "");
  return found.trim() || undefined;
}

export const setRef = (dir: string, ref: string, sha: string) => git(dir, ["update-ref", ref, sha]);
export const deleteRef = (dir: string, ref: string) => git(dir, ["update-ref", "-d", ref]);
export const setHead = (dir: string, branch: string) => git(dir, ["symbolic-ref", "HEAD", `refs/heads/${branch}`]);

/** Every branch and tag, by full name. */
export async function refs(dir: string): Promise<Map<string, string>> {
  const text = await git(dir, ["for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags"]);
  return new Map(rows(text).map((line) => [line.slice(41), line.slice(0, 40)]));
}

/** Brings a commit and what it needs from another repository. */
export async function fetchCommit(dir: string, from: string, sha: string, ref: string): Promise<void> {
  await git(dir, ["fetch", "--quiet", "--no-tags", from, `+${sha}:${ref}`]);
}

/** Newest first. @param options of git log, as `-1` */
export async function log(dir: string, sha: string, options: string[] = [], path?: string): Promise<CommitInfo[]> {
  const fields = ["%H", "%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B"];
  const text = await git(dir, ["log", `--format=${fields.join("%x00")}%x01`, ...options, sha, "--", ...(path ? [path] : [])]);
  return text
    .split("\x01")
    .map((record) => record.trimStart().split("\0"))
    .filter((record) => record.length === fields.length)
    .map(([id = "", tree = "", parents = "", an = "", ae = "", ad = "", cn = "", ce = "", cd = "", message = ""]) => ({
      sha: id,
      tree,
      parents: parents === "" ? [] : parents.split(" "),
      message: message.trimEnd(),
      author: { name: an, email: ae, date: utc(ad) },
      committer: { name: cn, email: ce, date: utc(cd) },
    }));
}

const utc = (date: string) => new Date(date).toISOString().replace(".000Z", "Z");

export async function commitInfo(dir: string, sha: string): Promise<CommitInfo> {
  const [info] = await log(dir, sha, ["-1"]);
  if (!info) throw new Error(`no commit ${sha}`);
  return info;
}

/** Entries of a directory, or the one of a file. @param path "" is the root */
export async function listTree(dir: string, sha: string, path: string, into = true): Promise<TreeEntry[]> {
  const at = path === "" ? [] : ["--", into ? `${path}/` : path];
  const text = await git(dir, ["--literal-pathspecs", "ls-tree", "-z", "-l", sha, ...at]);
  return rows(text, "\0").map((line) => {
    const [info = "", name = ""] = line.split("\t");
    const [mode = "", type = "", id = "", size = ""] = info.split(/ +/);
    return { mode, type: type as TreeEntry["type"], sha: id, size: Number(size) || 0, path: name };
  });
}

export const readBlob = (dir: string, sha: string) => gitBytes(dir, ["cat-file", "blob", sha]);

export async function mergeBase(dir: string, left: string, right: string): Promise<string | undefined> {
  return (await git(dir, ["merge-base", left, right]).catch(() => "")).trim() || undefined;
}

/** What differs between two commits, with patches if asked; without the first, everything in the second is new. */
export async function differences(
  dir: string,
  from: string | undefined,
  to: string,
  patches: boolean,
): Promise<FileDifference[]> {
  const base = from ?? EMPTY_TREE;
  const text = await git(dir, ["diff-tree", "-r", "-M", "--numstat", "--raw", "-z", base, to]);
  const fields = text.split("\0");
  const found = new Map<string, FileDifference>();
  for (let at = 0; at < fields.length; ) {
    const field = fields[at] ?? "";
    if (field.startsWith(":")) at = readRaw(fields, at, found);
    else if (field !== "") at = readCount(fields, at, found);
    else at += 1;
  }
  for (const one of patches ? found.values() : []) {
    const patch = await git(dir, ["diff-tree", "-p", "-M", base, to, "--", ...(one.previous ? [one.previous] : []), one.path]);
    if (patch.includes("@@")) one.patch = patch.slice(patch.indexOf("@@")).trimEnd();
  }
  return [...found.values()];
}

const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const STATUS = { A: "added", D: "removed", M: "modified", T: "modified", R: "renamed", C: "added" } as const;

/** `:mode mode sha sha STATUS`, then one path, or two for a rename. @returns where the next entry begins */
function readRaw(fields: string[], at: number, found: Map<string, FileDifference>): number {
  const [, , before = "", after = "", letter = "M"] = (fields[at] ?? "").split(" ");
  const renamed = letter.startsWith("R");
  const path = fields[at + (renamed ? 2 : 1)] ?? "";
  const status = STATUS[letter.charAt(0) as keyof typeof STATUS] ?? "modified";
  const previous = renamed ? fields[at + 1] : undefined;
  const sha = status === "removed" ? before : after;
  found.set(path, { path, previous, status, sha, additions: 0, deletions: 0, patch: "" });
  return at + (renamed ? 3 : 2);
}

/** `added TAB removed TAB path`; for a rename the path is empty and two follow. */
function readCount(fields: string[], at: number, found: Map<string, FileDifference>): number {
  const [added = "", removed = "", path = ""] = (fields[at] ?? "").split("\t");
  const one = found.get(path || (fields[at + 2] ?? ""));
  if (one) {
    one.additions = Number(added) || 0;
    one.deletions = Number(removed) || 0;
  }
  return at + (path ? 1 : 3);
}

/** Commits that `head` has and `base` has not, and what they change. */
export async function changesBetween(dir: string, base: string, head: string): Promise<Changes> {
  const commits = Number(await git(dir, ["rev-list", "--count", `${base}..${head}`]));
  const text = await git(dir, ["diff", "--numstat", `${base}...${head}`]).catch(() => "");
  const counts = rows(text).map((line) => line.split("\t"));
  const sum = (column: number) => counts.reduce((total, row) => total + (Number(row[column]) || 0), 0);
  return { commits, additions: sum(0), deletions: sum(1), files: counts.length };
}

/** A merge of `head` into `base`, as a commit that no branch points to. @throws when they conflict */
export async function mergeCommit(dir: string, base: string, head: string, message: string, time: number): Promise<string> {
  const tree = (await git(dir, ["merge-tree", "--write-tree", base, head])).split("\n")[0] ?? "";
  const env: Record<string, string> = {};
  for (const role of ["AUTHOR", "COMMITTER"]) {
    Object.assign(env, {
      [`GIT_${role}_NAME`]: "GitHub",
      [`GIT_${role}_EMAIL`]: "noreply@github.com",
      [`GIT_${role}_DATE`]: `${time} +0000`,
    });
  }
  return (await git(dir, ["commit-tree", tree, "-p", base, "-p", head, "-m", message], { env })).trim();
}

const rows = (text: string, separator = "\n") => text.split(separator).filter((line) => line !== "");
