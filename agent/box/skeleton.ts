import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { AGENT_IN_BOX, BUILD_ID, type SkeletonConfig } from "../../core/common/box.ts";
import { copyPublic } from "./copy.ts";
import { pfexecScript, ROOT_HELPER, SUDO } from "./rise.ts";

/**
 * `agent skeleton CONFIG`: makes the read-only template of a box, running as the root of the box's ids:
 * `AT/root` is a lower layer of "/", `AT/usr` one above the host's /usr (where there is no image).
 */
export function makeSkeleton(config: SkeletonConfig): void {
  process.umask(0o022);
  const root = `${config.at}/root`;
  directory(root);
  if (config.image) imageLayer(root, config.image);
  else hostLayer(root, config);
  mountPoints(root);
  homes(root);
  accounts(root);
  tools(root, config);
}

/** The host's /usr with a root of our own around it: of /etc what every user of the host may read, of the rest nothing. */
function hostLayer(root: string, { at, hidden }: SkeletonConfig): void {
  for (const link of ["bin", "sbin", "lib", "lib32", "lib64", "libx32"])
    if (existsSync(`/${link}`)) symlinkSync(linkTarget(`/${link}`), `${root}/${link}`);
  copyPublic("/etc", `${root}/etc`, hidden);
  for (const name of ["usr", "srv", "mnt", "media", "boot", "var/log", "var/lib/dpkg", "var/cache/apt/archives/partial"])
    directory(`${root}/${name}`);
  directory(`${root}/var/lib/apt/lists/partial`);
  directory(`${root}/var/tmp`, 0o1777);
  symlinkSync("../run", `${root}/var/run`);
  symlinkSync("../run/lock", `${root}/var/lock`);
  // A directory of the host belongs to nobody in the box, so nothing could be made in it; the same one here is root's.
  for (const name of ["bin", "sbin", "local/bin", "local/sbin", "local/lib"]) directory(`${at}/usr/${name}`);
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch (cause) {
    throw new Error(`${path} of this host is not a link into /usr: run jobs on an image instead (the server's "image build")`, {
      cause,
    });
  }
}

function imageLayer(root: string, image: string): void {
  directory(`${root}/etc`);
  for (const file of ["passwd", "group", "shadow"])
    if (existsSync(`${image}/etc/${file}`)) copyFileSync(`${image}/etc/${file}`, `${root}/etc/${file}`);
}

function mountPoints(root: string): void {
  for (const name of ["proc", "sys", "run", "dev/pts", "dev/shm", dirname(AGENT_IN_BOX)]) directory(`${root}/${name}`);
  for (const name of ["null", "zero", "full", "random", "urandom", "tty"]) writeFileSync(`${root}/dev/${name}`, "");
  writeFileSync(root + AGENT_IN_BOX, "");
  const links = { ptmx: "pts/ptmx", fd: "/proc/self/fd", stdin: "fd/0", stdout: "fd/1", stderr: "fd/2" };
  for (const [name, to] of Object.entries(links)) symlinkSync(to, `${root}/dev/${name}`);
}

function homes(root: string): void {
  directory(`${root}/tmp`, 0o1777);
  directory(`${root}/root`, 0o700);
  directory(`${root}/input`);
  for (const name of ["work", "home/build"]) {
    directory(`${root}/${name}`);
    giveToBuild(`${root}/${name}`);
  }
}

/** A map of a single id has nobody but root: there the directory stays root's, and `build` is another name for the same id. */
function giveToBuild(path: string): void {
  if (hasId(BUILD_ID)) chownSync(path, BUILD_ID, BUILD_ID);
}

function accounts(root: string): void {
  const append = (file: string, line: string) => {
    const path = `${root}/etc/${file}`;
    const before = existsSync(path) ? readFileSync(path, "utf8") : "";
    const end = before === "" || before.endsWith("\n") ? "" : "\n";
    if (!/^build:/m.test(before)) writeFileSync(path, `${before}${end}${line}\n`);
  };
  if (!existsSync(`${root}/etc/shadow`)) writeFileSync(`${root}/etc/shadow`, "root:*:19000:0:99999:7:::\n");
  append("passwd", `build:x:${BUILD_ID}:${BUILD_ID}::/home/build:/bin/bash`);
  append("group", `build:x:${BUILD_ID}:`);
  append("shadow", "build:*:19000:0:99999:7:::");
  chmodSync(`${root}/etc/shadow`, 0o640);
}

function tools(root: string, { at, image = "", setuid }: SkeletonConfig): void {
  const bin = image ? `${root}/usr/bin` : `${at}/usr/bin`;
  directory(bin);
  symlinkSync(AGENT_IN_BOX, `${bin}/bmat`);
  if (setuid) {
    directory(dirname(root + ROOT_HELPER));
    copyFileSync(`${image}/usr/bin/setpriv`, root + ROOT_HELPER);
    chmodSync(root + ROOT_HELPER, 0o4755);
  }
  script(`${bin}/pfexec`, pfexecScript(setuid));
  script(`${bin}/sudo`, SUDO);
  script(`${bin}/ptime`, PTIME);
}

/** The clock of a command, as the original's image has it. */
const PTIME = `#!/bin/bash
TIMEFORMAT=$'\\nreal %3lR\\nuser %3lU\\nsys  %3lS'
[ "$1" = -m ] && shift
time "$@"
`;

const script = (path: string, content: string) => {
  writeFileSync(path, content);
  chmodSync(path, 0o755);
};

function directory(path: string, mode = 0o755): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
}

function hasId(id: number): boolean {
  return readFileSync("/proc/self/uid_map", "utf8")
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .some(([first = 0, , count = 0]) => id >= first && id < first + count);
}
