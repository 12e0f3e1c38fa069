import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const MIB = 1024 * 1024;
const TICKS_PER_SECOND = 100;

/** Resident memory of a process in MiB: now, and at its highest since `forgetPeak`. Undefined once it has ended. */
export function memoryOf(pid: number): { now: number; peak: number } | undefined {
  const status = read(`/proc/${pid}/status`);
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status ?? "")?.[1]);
  return status === undefined || Number.isNaN(kib("VmRSS"))
    ? undefined
    : { now: (kib("VmRSS") * 1024) / MIB, peak: (kib("VmHWM") * 1024) / MIB };
}

/** Writing 5 there resets the peak (proc(5)). */
export const forgetPeak = (pid: number) => writeFileSync(`/proc/${pid}/clear_refs`, "5");

/** Seconds of processor time that a process has used. */
export function cpuOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`) ?? "";
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export const childrenOf = (pid: number): number[] =>
  (read(`/proc/${pid}/task/${pid}/children`) ?? "").split(" ").filter(Boolean).map(Number);

/** Processes whose command line has all of `words`. */
export function processesWith(...words: string[]): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const command = read(`/proc/${name}/cmdline`)?.split("\0") ?? [];
      return words.every((word) => command.includes(word));
    })
    .map(Number);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // It has ended.
  }
}
