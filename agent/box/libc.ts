import { dlopen, read } from "bun:ffi";
import { getSystemErrorName } from "node:util";

/** Flags of mount(2). The first four have the same values as MOUNT_ATTR_* of mount_setattr(2). */
export const MS = { RDONLY: 1, NOSUID: 2, NODEV: 4, NOEXEC: 8, BIND: 4096 };

const SYS_PIVOT_ROOT = process.arch === "arm64" ? 41 : 155;
const SYS_MOUNT_SETATTR = 442;
const AT_FDCWD = -100;
const MNT_DETACH = 2;
const PR_SET_CHILD_SUBREAPER = 36;
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;

const LIBC = "libc.so.6";
const text = (value: string) => Buffer.from(`${value}\0`);

/** The few calls a box needs of the C library (glibc). Each throws with the name of the kernel's error. */
export class Libc {
  readonly #c = dlopen(LIBC, {
    mount: { args: ["ptr", "ptr", "ptr", "u64", "ptr"], returns: "i32" },
    umount2: { args: ["ptr", "i32"], returns: "i32" },
    sethostname: { args: ["ptr", "u64"], returns: "i32" },
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
    prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
    close: { args: ["i32"], returns: "i32" },
    __errno_location: { args: [], returns: "ptr" },
  }).symbols;
  readonly #pivotRoot = dlopen(LIBC, { syscall: { args: ["i64", "ptr", "ptr"], returns: "i64" } }).symbols.syscall;
  readonly #mountSetattr = dlopen(LIBC, { syscall: { args: ["i64", "i64", "ptr", "i64", "ptr", "u64"], returns: "i64" } }).symbols
    .syscall;

  mount(source: string, target: string, type: string, flags: number, data?: string): void {
    const done = this.#c.mount(text(source), text(target), text(type), flags, data === undefined ? null : text(data));
    this.#check(done, `mount ${type} on ${target}`);
  }

  bind(source: string, target: string): void {
    this.#check(this.#c.mount(text(source), text(target), null, MS.BIND, null), `bind ${source} on ${target}`);
  }

  /**
   * A bind mount ignores MS_RDONLY, and a remount would have to repeat the flags that the host has locked; mount_setattr
   * (Linux 5.12) only adds.
   *
   * @param flags further MS flags to put on the mount
   */
  bindReadOnly(source: string, target: string, flags = 0): void {
    this.bind(source, target);
    const attr = new BigUint64Array([BigInt(MS.RDONLY | flags), 0n, 0n, 0n]);
    const done = this.#mountSetattr(SYS_MOUNT_SETATTR, AT_FDCWD, text(target), 0, attr, attr.byteLength);
    this.#check(Number(done), `make ${target} read-only`);
  }

  /** Makes the current directory, a mount point, the root of every process in this namespace; the old root goes away. */
  pivotHere(): void {
    this.#check(Number(this.#pivotRoot(SYS_PIVOT_ROOT, text("."), text("."))), "pivot_root");
    this.#check(this.#c.umount2(text("."), MNT_DETACH), "unmount the old root");
    process.chdir("/");
  }

  setHostname(name: string): void {
    this.#check(this.#c.sethostname(Buffer.from(name), Buffer.byteLength(name)), `set the host name ${name}`);
  }

  /** A fresh network namespace has its loopback interface down. */
  raiseLoopback(): void {
    const request = Buffer.alloc(40); // struct ifreq: 16 bytes of name, then the flags
    request.write("lo");
    request.writeInt16LE(IFF_UP, 16);
    const socket = this.#c.socket(AF_INET, SOCK_DGRAM, 0);
    const done = this.#c.ioctl(socket, SIOCSIFFLAGS, request);
    this.#check(done, "raise the loopback interface");
    this.#c.close(socket);
  }

  /** Makes processes that lose their parent this one's children, so that all that a job started can be found. */
  adoptOrphans(): void {
    this.#check(this.#c.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "adopt orphans");
  }

  #check(result: number, what: string): void {
    if (result === 0) return;
    const at = this.#c.__errno_location();
    throw new Error(`box: ${what}: ${at === null ? "failed" : getSystemErrorName(-read.i32(at, 0))}`);
  }
}
