import { dlopen, read } from "bun:ffi";
import { closeSync, readFileSync } from "node:fs";
import { constants } from "node:os";

// The same numbers on every architecture.
const SYS_PIDFD_SEND_SIGNAL = 424;
const SYS_PIDFD_OPEN = 434;

// Once for the program: what a dlopen takes is never given back.
const { symbols: libc } = dlopen("libc.so.6", { __errno_location: { args: [], returns: "ptr" } });
const { symbols: kernel } = dlopen("libc.so.6", { syscall: { args: ["i64", "i64", "i64", "ptr", "i64"], returns: "i64" } });

export interface Pidfd {
  readonly pid: number;
  /** @returns false if the process is gone; 0 only asks */
  signal(signal: number): boolean;
  close(): void;
}

/** Holds on to a process, so that a signal never meets another one that was given the same number later. @throws Error if there is none */
export function holdProcess(pid: number): Pidfd {
  const fd = Number(kernel.syscall(SYS_PIDFD_OPEN, pid, 0, null, 0));
  if (fd < 0) throw new Error(`cannot hold on to process ${pid}: error ${errno()}`);
  return {
    pid,
    signal: (signal) => send(fd, signal),
    close: () => closeSync(fd),
  };
}

function send(fd: number, signal: number): boolean {
  if (Number(kernel.syscall(SYS_PIDFD_SEND_SIGNAL, fd, signal, null, 0)) === 0) return true;
  const error = errno();
  if (error === constants.errno.ESRCH) return false;
  throw new Error(`cannot signal a process: error ${error}`);
}

function errno(): number {
  const at = libc.__errno_location();
  return at === null ? 0 : read.i32(at, 0);
}

/** Names a process for ever, where its number may be given again: the boot, and when in it the process began. Undefined if it is gone. */
export function identityOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold anything; the start is field 22, the 20th after the brackets.
    const start = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${start}`;
  } catch {
    return undefined;
  }
}
