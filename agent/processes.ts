import { readdirSync, readFileSync } from "node:fs";

/** A living process, as /proc/PID/stat tells of it. */
export interface Process {
  pid: number;
  parent: number;
  group: number;
  session: number;
  /** One letter: R running, S sleeping, D in a wait that cannot be interrupted, T stopped... */
  state: string;
  name: string;
}

/** All processes that this one sees, without those that have ended and only wait to be reaped. */
export function livingProcesses(): Process[] {
  const living: Process[] = [];
  for (const name of readdirSync("/proc")) {
    const found = /^\d+$/.test(name) ? processOf(name) : undefined;
    if (found && found.state !== "Z" && found.state !== "X") living.push(found);
  }
  return living;
}

function processOf(pid: string): Process | undefined {
  const stat = textOf(pid, "stat");
  if (stat === undefined) return undefined; // it has ended since the directory was read
  // The name, in brackets, may hold anything.
  const end = stat.lastIndexOf(")");
  const [state = "X", parent, group, session] = stat.slice(end + 2).split(" ");
  const name = stat.slice(stat.indexOf("(") + 1, end);
  return { pid: Number(pid), parent: Number(parent), group: Number(group), session: Number(session), state, name };
}

/** So many are described; a job may have thousands. */
const MOST = 100;
/** Characters of a command line. */
const LONGEST = 200;
const STATES: Record<string, string> = {
  R: "running",
  S: "sleeping",
  D: "waiting, not to be interrupted",
  T: "stopped",
  t: "traced",
};

/**
 * What the processes of a session and their descendants are at, as lines for a person: a tree, each with its stack in the
 * kernel where that may be read, or else with what it waits in.
 */
export function describeSession(session: number): string[] {
  const family = familyOf(session, livingProcesses());
  const lines = family.slice(0, MOST).flatMap(({ process, depth }) => describe(process, "  ".repeat(depth)));
  return family.length > MOST ? [...lines, `and ${family.length - MOST} more`] : lines;
}

interface Relative {
  process: Process;
  depth: number;
}

/** Members of the session and all their descendants, each after its parent. */
function familyOf(session: number, all: readonly Process[]): Relative[] {
  const childrenOf = Map.groupBy(all, ({ parent }) => parent);
  const pids = new Set(all.filter((process) => process.session === session).map(({ pid }) => pid));
  const left: Relative[] = all
    .filter(({ pid, parent }) => pids.has(pid) && !pids.has(parent))
    .map((process) => ({ process, depth: 0 }))
    .reverse();
  const family: Relative[] = [];
  for (let next = left.pop(); next; next = left.pop()) {
    const depth = next.depth + 1;
    family.push(next);
    for (const process of childrenOf.get(next.process.pid)?.toReversed() ?? []) left.push({ process, depth });
  }
  return family;
}

function describe({ pid, state, name }: Process, indent: string): string[] {
  const id = String(pid);
  const command = printable(textOf(id, "cmdline") ?? "") || `[${printable(name)}]`;
  const stack = (textOf(id, "stack") ?? "").trim().split("\n").filter(Boolean).slice(0, 20);
  const where = stack.length > 0 ? "" : waitOf(id);
  return [
    `${indent}${pid} ${command} (${STATES[state] ?? state}${where})`,
    ...stack.map((frame) => `${indent}    ${printable(frame.replace(/^\[<0*>\] /, ""))}`),
  ];
}

/** In which function of the kernel it waits, or in which system call. */
function waitOf(pid: string): string {
  const channel = textOf(pid, "wchan") ?? "0";
  if (channel !== "0" && channel !== "") return `, in ${channel}`;
  const call = /^\d+/.exec(textOf(pid, "syscall") ?? "")?.[0];
  return call === undefined ? "" : `, in system call ${call}`;
}

function textOf(pid: string, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return undefined; // it has ended, or may not be looked at
  }
}

/** The process chose the text: nothing in it may steer a terminal. */
const printable = (text: string) =>
  Buffer.from(text.slice(0, LONGEST), "latin1")
    .toString()
    .replace(/\p{Cc}+/gu, " ")
    .trim();
