import { dlopen } from "bun:ffi";

/** The few calls that Bun does not offer itself. glibc, Linux. */
const { symbols: c } = dlopen("libc.so.6", {
  pipe2: { args: ["ptr", "i32"], returns: "i32" },
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  newlocale: { args: ["i32", "ptr", "ptr"], returns: "ptr" },
});

const O_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const LC_ALL_MASK = 0x1fbf;

/**
 * A pipe, closed in children unless handed over. Bun's own "pipe" is a socket pair, which a job cannot open again: with it
 * `echo oops > /dev/stderr` fails.
 */
export function openPipe(): { read: number; write: number } {
  const ends = new Int32Array(2);
  if (c.pipe2(ends, O_CLOEXEC) !== 0) throw new Error("cannot open a pipe: too many open files?");
  const [read = -1, write = -1] = ends;
  return { read, write };
}

export interface Peer {
  pid: number;
  uid: number;
  gid: number;
}

/** Who opened the other end of a unix socket, as the kernel saw it. */
export function peerOf(socket: number): Peer {
  const credentials = new Int32Array(3);
  const length = new Uint32Array([credentials.byteLength]);
  if (c.getsockopt(socket, SOL_SOCKET, SO_PEERCRED, credentials, length) !== 0)
    throw new Error("the kernel does not tell who opened the control socket");
  const [pid = -1, uid = -1, gid = -1] = credentials;
  return { pid, uid, gid };
}

/** Whether programs on this machine can use the locale, for example `en_US.UTF-8`. */
export const hasLocale = (name: string): boolean => c.newlocale(LC_ALL_MASK, Buffer.from(`${name}\0`), null) !== null;
