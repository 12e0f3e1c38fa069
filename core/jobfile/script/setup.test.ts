import { afterEach, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import setup from "./setup.sh" with { type: "text" };

/** Only root can make the machines that these tests need; whole jobs are run by test/e2e also without. */
const unshared = Bun.spawnSync(["unshare", "--mount", "true"]);

/** Where there can be no machines, all that can be seen is that the kernel says so. */
const onMachines = (name: string, work: () => void) =>
  test(name, () => {
    if (unshared.success) work();
    else expect(unshared.stderr.toString()).toMatch(/not permitted|permission denied/i);
  });

/** Makes of an empty folder a machine with this one's programs, less the package managers and those named after it. */
const MACHINE = `set -e
cd "$1"; shift
mkdir -p host usr/bin usr/sbin usr/lib etc/sudoers.d etc/ssl/certs var/lib home input tmp proc dev
: >dev/null
for dir in bin sbin lib; do
  ln -s usr/$dir $dir
  ls -A /usr/$dir | sed "s#^#/host/$dir/#" | xargs -d '\\n' ln -s -t usr/$dir
done
for dir in lib64 share libexec; do [ ! -e /usr/$dir ] || ln -s /host/$dir usr/$dir; done
[ ! -e /usr/lib64 ] || ln -s usr/lib64 lib64
for tool in sudo pfexec ptime banner apt-get dnf yum "$@"; do rm -f usr/bin/$tool usr/sbin/$tool; done
cp -a /etc/alternatives /etc/login.defs etc/ 2>/dev/null || true
echo root:x:0:0:root:/root:/bin/bash >etc/passwd; echo root:x:0: >etc/group; echo root:*:::::: >etc/shadow
`;

/** Runs a command in it, in mounts of its own. */
const ENTER = `set -e
cd "$1"; shift
mount --bind -o ro /usr host
mount --rbind /proc proc; mount --bind /dev/null dev/null
exec chroot "$@"
`;

const machines: string[] = [];
afterEach(() => {
  for (const dir of machines.splice(0)) rmSync(dir, { recursive: true, force: true });
});

interface Machine {
  dir: string;
  /** Runs the set-up. `user`: as this uid. */
  run(user?: number): { status: number; out: string; err: string };
  /** What the stand-ins were called with. */
  calls(): string[];
}

function aMachine(
  without: string[],
  { standIns = {}, debian = true }: { standIns?: Record<string, string>; debian?: boolean },
): Machine {
  const dir = mkdtempSync(join(tmpdir(), "machine-"));
  machines.push(dir);
  chmodSync(dir, 0o755);
  const made = Bun.spawnSync(["bash", "-c", MACHINE, "machine", dir, ...without]);
  if (!made.success) throw new Error(made.stderr.toString());
  if (debian) writeFileSync(join(dir, "etc/debian_version"), "12\n");
  writeFileSync(join(dir, "etc/ssl/certs/ca-certificates.crt"), "");
  writeFileSync(join(dir, "calls"), "", { mode: 0o666 });
  chmodSync(join(dir, "calls"), 0o666);
  for (const [name, text] of Object.entries(standIns))
    writeFileSync(join(dir, "usr/bin", name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  return {
    dir,
    run(user) {
      const as = user === undefined ? [] : [`--userspec=${user}:${user}`];
      const argv = ["unshare", "--mount", "bash", "-c", ENTER, "enter", dir, ...as, ".", "/bin/bash", "-s"];
      const env = { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", HOME: user === undefined ? "/root" : "/home/build" };
      const run = Bun.spawnSync(argv, { stdin: Buffer.from(setup), env });
      return { status: run.exitCode, out: run.stdout.toString(), err: run.stderr.toString() };
    },
    calls: () => readFileSync(join(dir, "calls"), "utf8").trimEnd().split("\n"),
  };
}

/** Records its call; an installation brings the programs of these names. */
const manager = (...tools: string[]) =>
  `echo "\${0##*/} $DEBIAN_FRONTEND $*" >>/calls
  for tool in ${tools.join(" ")}; do case $* in *install*) ln -sf /host/bin/true /usr/bin/$tool;; esac; done`;

onMachines("on Debian what is missing is installed, once, with the user and the folders", () => {
  const missing = ["git", "cc", "c++", "make"];
  const machine = aMachine(missing, { standIns: { "apt-get": manager("git", "cc", "c++", "make", "sudo") } });
  const first = machine.run();
  expect(first).toMatchObject({ status: 0, err: "" });
  expect(first.out).toBe("installing git build-essential sudo: no git cc c++ make here\n");
  const options = "-y -q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300";
  expect(machine.calls()).toEqual([
    `apt-get noninteractive ${options} update`,
    `apt-get noninteractive ${options} install --no-install-recommends git build-essential sudo`,
  ]);
  expect(readFileSync(join(machine.dir, "etc/passwd"), "utf8")).toContain("build:x:12345:12345:build user:/home/build:/bin/bash");
  for (const dir of ["home/build", "work"]) {
    const { uid, gid, mode } = statSync(join(machine.dir, dir));
    expect([dir, uid, gid, mode & 0o777]).toEqual([dir, 12345, 12345, 0o700]);
  }
  expect(readFileSync(join(machine.dir, "etc/sudoers.d/build"), "utf8")).toBe("build ALL=(ALL) NOPASSWD: ALL\n");
  expect(statSync(join(machine.dir, "etc/sudoers.d/build")).mode & 0o777).toBe(0o440);
  for (const tool of ["pfexec", "ptime", "banner"]) expect(statSync(join(machine.dir, "usr/bin", tool)).mode & 0o111).toBe(0o111);
  expect(machine.run()).toEqual({ status: 0, out: "", err: "" });
  expect(machine.calls()).toHaveLength(2);
});

onMachines("git without the certificates of the world gets them", () => {
  const machine = aMachine([], { standIns: { "apt-get": manager() } });
  rmSync(join(machine.dir, "etc/ssl/certs/ca-certificates.crt"));
  expect(machine.run().out).toBe("installing ca-certificates sudo: no certificates here\n");
});

for (const name of ["dnf", "yum"])
  onMachines(`on Amazon Linux ${name} installs, the tools to make users too`, () => {
    const tools = ["useradd", "groupadd"].map((tool) => `ln -sf /host/sbin/${tool} /usr/sbin/${tool}`).join("; ");
    const machine = aMachine(["tar", "cc", "c++", "useradd", "groupadd"], {
      debian: false,
      standIns: { [name]: `${manager("tar", "cc", "c++")}\n${tools}` },
    });
    const { status, err } = machine.run();
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(machine.calls()).toEqual([`${name}  -y -q install tar gcc gcc-c++ shadow-utils sudo`]);
    expect(statSync(join(machine.dir, "work")).uid).toBe(12345);
  });

onMachines("what cannot be installed is said, and does not end a job that may not need it", () => {
  const failing = aMachine(["git"], { standIns: { "apt-get": "exit 100" } }).run();
  expect(failing).toMatchObject({ status: 0, err: expect.stringContaining("apt-get has failed") });
  const bare = aMachine(["git"], {}).run();
  expect(bare).toMatchObject({ status: 0, out: "note: no git here, and nothing can be installed on this machine\n" });
});

onMachines("a factory's ordinary user installs through sudo, and is told of a folder that is closed to it", () => {
  const machine = aMachine(["make"], {
    standIns: { sudo: 'echo "sudo $*" >>/calls; shift; exec "$@"', "apt-get": manager() },
  });
  for (const dir of ["home/build", "work"]) mkdirSync(join(machine.dir, dir));
  Bun.spawnSync(["chown", "12345:12345", "home/build", "input", "work", "usr/lib", "var/lib"], { cwd: machine.dir });
  const { status, out, err } = machine.run(12345);
  expect({ status, out, err }).toEqual({ status: 0, out: "installing build-essential sudo: no make here\n", err: "" });
  expect(machine.calls().join("\n")).toContain("--no-install-recommends build-essential sudo");
  expect(existsSync(join(machine.dir, "etc/sudoers.d/build"))).toBe(false);
  Bun.spawnSync(["chown", "0:0", "input"], { cwd: machine.dir });
  expect(machine.run(12345)).toMatchObject({ status: 1, err: expect.stringContaining("/input cannot be written") });
});

onMachines("a user build of another number is not taken over", () => {
  const machine = aMachine([], {});
  writeFileSync(join(machine.dir, "etc/passwd"), "root:x:0:0::/:/bin/bash\nbuild:x:1000:1000::/:/bin/bash\n");
  expect(machine.run()).toMatchObject({
    status: 1,
    err: expect.stringContaining("has a user build with uid 1000; expected 12345"),
  });
});
