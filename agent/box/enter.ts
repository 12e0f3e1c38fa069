import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { AGENT_IN_BOX, type BoxConfig, type BoxStart, type PlainConfig, SOCKET_IN_BOX, START_FD } from "../../core/common/box.ts";
import { Libc, MS } from "./libc.ts";
import { useHost } from "./plain.ts";

/**
 * `agent box CONFIG`: builds the box around this process (which runs as root of fresh namespaces), says that it is ready,
 * waits until the factory has a job's machine to make of it, and returns what that machine may know. The rest of the
 * agent then runs in the same process.
 *
 * @throws Error naming the step that the kernel refused, or when the factory goes away while the box waits
 */
export function enterBox(config: BoxConfig | PlainConfig): BoxStart {
  const libc = new Libc();
  if ("plain" in config) {
    useHost(libc);
    return readStart();
  }
  buildView(libc, config);
  const start = readStart();
  libc.setHostname(start.name);
  writeFileSync("/etc/hostname", `${start.name}\n`);
  // What is there may end within a line.
  appendFileSync("/etc/hosts", `\n127.0.1.1 ${start.name}\n`);
  if (start.resolvers !== undefined) writeFileSync("/etc/resolv.conf", start.resolvers);
  return start;
}

function readStart(): BoxStart {
  writeSync(1, "R\n");
  const start = JSON.parse(readLine(START_FD)) as BoxStart;
  closeSync(START_FD);
  return start;
}

const { NOSUID, NODEV, NOEXEC, RDONLY } = MS;
const INERT = NOSUID | NODEV | NOEXEC;
/** Parts of /proc through which a machine is steered: read-only. */
const PROC_READ_ONLY = ["sys", "sysrq-trigger", "irq", "bus"];
/** Parts of /proc that show the machine's memory, keys and messages: empty. */
const PROC_EMPTY = ["kcore", "keys", "latency_stats", "timer_list", "kmsg"];
const DEVICES = ["null", "zero", "full", "random", "urandom", "tty"];

function buildView(libc: Libc, config: BoxConfig): void {
  const { stage, skeleton, disk } = config;
  const root = `${stage}/root`;
  process.umask(0o022);
  libc.mount("box", stage, "tmpfs", NODEV, `size=${disk},mode=0755`);
  mkdirSync(root);
  const overlay = (name: string, lower: string, target: string) => {
    mkdirSync(`${stage}/${name}/upper`, { recursive: true });
    mkdirSync(`${stage}/${name}/work`);
    // Without userxattr the mount succeeds in a user namespace, but deleting a lower directory then fails with EIO.
    const layers = `lowerdir=${lower},upperdir=${stage}/${name}/upper,workdir=${stage}/${name}/work`;
    libc.mount("box", target, "overlay", 0, `userxattr,${layers}`);
  };
  if (config.image) overlay("all", `${skeleton}/root:${config.image}`, root);
  else {
    overlay("all", `${skeleton}/root`, root);
    // The layer above the host's /usr belongs to the box's root, which makes /usr/bin writable.
    overlay("usr", `${skeleton}/usr:/usr`, `${root}/usr`);
    if (existsSync("/var/lib/dpkg")) libc.bindReadOnly("/var/lib/dpkg", `${root}/var/lib/dpkg`);
  }
  process.chdir(root);
  mountKernel(libc, config);
  mountWritable(libc, disk);
  libc.bindReadOnly(config.agent, AGENT_IN_BOX.slice(1), NOSUID);
  if (config.socket) {
    writeFileSync(SOCKET_IN_BOX.slice(1), "");
    libc.bind(config.socket, SOCKET_IN_BOX.slice(1));
    libc.raiseLoopback();
  }
  if (!config.image) for (const path of config.hidden) hide(libc, path);
  libc.pivotHere();
}

/** /proc, /sys and /dev, without what would reach the machine beyond the box. */
function mountKernel(libc: Libc, config: BoxConfig): void {
  libc.mount("proc", "proc", "proc", INERT);
  for (const path of PROC_READ_ONLY) if (existsSync(`proc/${path}`)) libc.bindReadOnly(`proc/${path}`, `proc/${path}`, INERT);
  for (const path of PROC_EMPTY) if (existsSync(`proc/${path}`)) libc.bind("/dev/null", `proc/${path}`);
  // The real sysfs shows the network of its namespace: only a box with one of its own may have it.
  if (config.socket) libc.mount("sysfs", "sys", "sysfs", INERT | RDONLY);
  else libc.mount("none", "sys", "tmpfs", INERT | RDONLY, "size=4k");
  for (const name of DEVICES) libc.bind(`/dev/${name}`, `dev/${name}`);
  libc.mount("devpts", "dev/pts", "devpts", NOSUID | NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
}

function mountWritable(libc: Libc, disk: number): void {
  libc.mount("shm", "dev/shm", "tmpfs", NOSUID | NODEV, `mode=1777,size=${disk}`);
  libc.mount("run", "run", "tmpfs", NOSUID | NODEV, "mode=0755,size=64m");
  mkdirSync("run/lock");
  chmodSync("run/lock", 0o1777);
}

/** Only what the allowed parts of the host (its /usr) still show needs covering; /etc was left out of the skeleton. */
function hide(libc: Libc, path: string): void {
  if (!path.startsWith("/usr/") || !existsSync(path)) return;
  if (statSync(path).isDirectory()) libc.mount("hidden", path.slice(1), "tmpfs", INERT | RDONLY, "size=4k");
  else libc.bind("/dev/null", path.slice(1));
}

function readLine(fd: number): string {
  const buffer = Buffer.alloc(64 * 1024);
  let length = 0;
  while (length === 0 || buffer[length - 1] !== 0x0a) {
    const got = readSync(fd, buffer, length, buffer.length - length, null);
    if (got === 0) throw new Error("box: the factory went away before it had a job");
    length += got;
  }
  return buffer.toString("utf8", 0, length);
}
