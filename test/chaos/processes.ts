import { readdirSync, readFileSync } from "node:fs";

const textOf = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // it has ended meanwhile, or is a kernel thread
  }
};

const pids = (): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

const commandOf = (pid: number) => textOf(`/proc/${pid}/cmdline`).split("\0").join(" ");

/** Processes of this host, seen from outside of every box, whose command line or environment contains `text`. */
export const processesWith = (text: string): number[] =>
  pids().filter((pid) => pid !== process.pid && (commandOf(pid) + textOf(`/proc/${pid}/environ`)).includes(text));

/** The agent of a worker's box, which bears the worker's name. @throws Error when there is none */
export function agentOf(worker: string): number {
  const name = `w-${worker.toLowerCase()}\n`;
  const pid = pids().find((one) => /^\S+ box /.test(commandOf(one)) && textOf(`/proc/${one}/root/etc/hostname`) === name);
  if (pid === undefined) throw new Error(`there is no agent of worker ${worker}`);
  return pid;
}

export const isStopped = (pid: number): boolean => /^State:\s+T/m.test(textOf(`/proc/${pid}/status`));

/** Mounts of this host whose line in /proc/self/mountinfo contains `text`. */
export const mountsWith = (text: string): string[] =>
  textOf("/proc/self/mountinfo")
    .split("\n")
    .filter((line) => line.includes(text));
