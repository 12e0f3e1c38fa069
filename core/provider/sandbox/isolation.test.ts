import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HIDDEN, openDirectory, processesNamed, start, type TestHost, testHost } from "./fixture/host.ts";
import { CannotIsolate } from "./probe.ts";
import { runInside } from "./tree.ts";

// Whole programs start here, on a machine that may be busy.
setDefaultTimeout(30_000);

/*
 * Whether a job can see, outlive or change what it must not. Each check has its control, so that it can fail: the same job
 * without a box must be caught at all of it.
 */

const id = crypto.randomUUID().slice(0, 8);
const CANARY = `CANARY${id}`;
const DAEMON = `D${id}`;

/** Three processes that leave their parent, their session, and do not listen to TERM. */
const daemons = `trap '' TERM; for i in 1 2 3; do (setsid nohup bash -c 'exec -a ${DAEMON} sleep 999' </dev/null >/dev/null 2>&1 &); done`;

/** Looks for canaries and leaves files behind. The canary is put together late, or the job would find itself. */
const spy = (where: string, places: string) => `exec 2>/dev/null; C=CANARY
echo HITS $(grep -rlaF "\${C}${id}" ${where} --exclude-dir=proc --exclude-dir=sys --exclude-dir=usr | wc -l)
echo ENV $(cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -cF "\${C}${id}")
for d in ${places}; do echo x >$d/F${id} && echo "WROTE $d"; done`;

const PLACES = "/ /usr/bin /usr/local/bin /etc /var/tmp /tmp /work /input /home/build /root /dev/shm /opt /run".split(" ");

/** Every line must fail; only the control may not. A success on one of them is a hit on the host. */
const attacks = (state: string) => `try() { n=$1; shift; "$@" >/dev/null 2>&1 && echo "DID $n"; }; w() { echo x >"$1"; }
try control true
try core_pattern w /proc/sys/kernel/core_pattern
try remount-sys sh -c 'mount -o remount,rw,bind /proc/sys && echo x >/proc/sys/kernel/core_pattern'
try fresh-proc sh -c 'mkdir -p /tmp/p && mount -t proc p /tmp/p && echo x >/tmp/p/sys/kernel/core_pattern'
try umount-sys sh -c 'umount /proc/sys && echo x >/proc/sys/kernel/core_pattern'
try sysrq sh -c 'umount /proc/sysrq-trigger; echo h >/proc/sysrq-trigger'
try mknod mknod /tmp/disk b 254 0
try dmesg dmesg
try clock date -s @1
try netdev ip link add bx type dummy
try shadow cat /proc/1/root/etc/shadow-
try cgroup sh -c 'mkdir /sys/fs/cgroup/x || { mkdir /tmp/cg && mount -t cgroup -o pids p /tmp/cg && mkdir /tmp/cg/x; }'
try usr-file sh -c 'echo x >>/usr/bin/env'
try agent-file sh -c 'echo x >>/opt/buildomat/lib/agent'
try agent-remount sh -c 'mount -o remount,rw,bind /opt/buildomat/lib/agent && echo x >>/opt/buildomat/lib/agent'
try state ls ${state}
for f in /proc/[0-9]*/fd/* /proc/[0-9]*/cwd /proc/[0-9]*/root; do t=$(readlink $f) || continue
  case $t in /|/work|/dev/*|/proc/*|pipe:*|socket:*|anon_inode:*|"") ;; *) echo "DID open $f $t" ;; esac; done
grep -qE '^Uid:\\s0\\s0\\s0\\s0' /proc/1/status || echo "DID find that process 1 is not root"
grep -qE '^ *0 +0 ' /proc/self/uid_map && echo "DID find that root is the host's"
echo ENDED`;

const directory = openDirectory();
const data = mkdtempSync("/var/tmp/canary-");
const host = await testHost(directory);

afterAll(() => {
  for (const path of [data, directory]) rmSync(path, { recursive: true, force: true });
});

if (host instanceof CannotIsolate)
  test("a host that cannot isolate is refused with the step that failed", () => {
    expect(host.message).toMatch(/cannot isolate jobs: .+ id map: .+NO isolation/);
  });
else describe("a job in a box", () => inBox(host));

function inBox(host: TestHost): void {
  const before = hostState();
  afterAll(async () => {
    expect(hostState()).toEqual(before);
    await host.close();
  });

  test("finds no canary, writes where jobs write, and leaves nothing", async () => {
    await using _ = canaries();
    const said = await host.run(spy("/", PLACES.join(" ")));
    expect(said.slice(0, 2)).toEqual(["HITS 0", "ENV 0"]);
    expect(wrote(said)).toEqual(PLACES);
    const places = `/usr/bin /usr/local /etc /var/tmp /opt /home /root /dev/shm /run /work /input ${directory}`;
    const found = Bun.spawnSync(["sh", "-c", `find ${places} -xdev -name F${id} 2>/dev/null`]).stdout.toString();
    expect(found).toBe("");
    expect(await host.run(`find / -xdev -name 'F${id}' 2>/dev/null | wc -l`)).toContain("0");
  });

  test("sees nothing of what is hidden from it, though everybody may read it", async () => {
    const look = `cat ${HIDDEN[0]} 2>&1; find ${HIDDEN[1]} -type f | wc -l; wc -c <${HIDDEN[2]}`;
    expect(HIDDEN.map(existsSync)).toEqual([true, true, true]);
    expect((await host.run(look)).slice(0, 3)).toEqual([`cat: ${HIDDEN[0]}: No such file or directory`, "0", "0"]);
  });

  test("does not outlive its end, a stop, or the end of its agent", async () => {
    for (const end of ["itself", "stop", "agent"] as const) {
      const box = await host.box();
      start(box, `${daemons}; sleep ${end === "itself" ? 1 : 999}`, host.map);
      await untilDaemons(3);
      if (end === "stop") await box.stop();
      if (end === "agent") process.kill(childOf(box.pid), "SIGKILL");
      await box.ended;
      expect([end, processesNamed(DAEMON)]).toEqual([end, []]);
    }
  });

  test("does not outlive a server that is killed", async () => {
    const script = `${daemons}; sleep 999`;
    const own = openDirectory();
    linkSync(join(directory, "agent"), join(own, "agent"));
    const server = Bun.spawn([process.execPath, join(import.meta.dir, "fixture/serve.ts"), own, script], {
      stdout: "pipe",
      stderr: "inherit",
    });
    await untilDaemons(3);
    server.kill("SIGKILL");
    await server.exited;
    await untilDaemons(0);
    await removeLeft(own);
  });

  test("cannot reach the host as root, though it is root", async () => {
    const core = "/proc/sys/kernel/core_pattern";
    const pattern = readFileSync(core, "utf8");
    const said = await host.run(attacks(host.state.path));
    if (readFileSync(core, "utf8") !== pattern) writeFileSync(core, pattern);
    expect(said).toContain("ENDED");
    expect(said.filter((line) => line.startsWith("DID"))).toEqual(["DID control"]);
  });

  test("has root, user build, the way between them, and a process 1 that reaps", async () => {
    const asBuild =
      host.map.kind === "single"
        ? "unshare --user --map-user=12345 --map-group=12345"
        : "setpriv --reuid 12345 --regid 12345 --clear-groups";
    const said = await host.run(`id -u; hostname; bmat hello; getent hosts w-test | tr -s ' '
${asBuild} sh -c 'id -u; pfexec id -u; sudo -n -E id -u; sudo -u root A=b sh -c "echo \\$A"; touch /work/x /home/build/x'
for i in $(seq 20); do (sh -c 'sleep 0.05 & exit' &) ; done; sleep 0.3
echo zombies $(cat /proc/[0-9]*/status 2>/dev/null | grep -c '^State:.Z')`);
    const rest = ["the sandbox ended with exit code 0"];
    expect(said).toEqual(["0", "w-test", "bmat hello", "127.0.1.1 w-test", "12345", "0", "0", "b", "zombies 0", ...rest]);
  });

  test("has its host's resolvers of when its job began, and every line of its hosts", async () => {
    await runInside(["sh", "-c", `printf '127.0.0.1 localhost' >${host.skeleton}/root/etc/hosts`], host.map);
    const box = await host.box();
    start(box, "cat /etc/resolv.conf; grep . /etc/hosts", host.map, { resolvers: "nameserver 192.0.2.7\n" });
    await box.ended;
    expect(box.words.slice(0, 3)).toEqual(["nameserver 192.0.2.7", "127.0.0.1 localhost", "127.0.1.1 w-test"]);
  });

  test("writes no more than it may", async () => {
    const said = await host.run(
      "head -c 20M /dev/zero >/work/big; echo $?; head -c 5M /dev/zero >/tmp/small; echo $?; stat -c %s /work/big",
      { disk: 10 * 1024 ** 2 },
    );
    expect(said.filter((line) => /^\d+$/.test(line)).slice(0, 2)).toEqual(["1", "1"]);
  });
}

test("the same job without a box is caught at all of it, so that the checks see", async () => {
  await using _ = canaries();
  const job = Bun.spawnSync(["bash", "-c", `${spy(data, "/var/tmp /dev/shm")}\n${daemons}`], {
    env: { ...process.env, TOKEN: CANARY },
  });
  await untilDaemons(3);
  for (const pid of processesNamed(DAEMON)) process.kill(pid, "SIGKILL");
  const said = job.stdout.toString().split("\n");
  const files = ["/var/tmp", "/dev/shm"].map((place) => `${place}/F${id}`).filter(existsSync);
  for (const file of files) rmSync(file);
  expect(said[0]).toBe("HITS 2");
  expect(said[1]).toMatch(/^ENV [1-9]/);
  expect(files).toHaveLength(2);
});

/** What a job must not find: in files that nobody and that everybody may read, and in the environment of a process. */
function canaries(): AsyncDisposable {
  writeFileSync(join(data, "core.sqlite"), CANARY, { mode: 0o600 });
  writeFileSync(join(data, "readable"), CANARY, { mode: 0o644 });
  const holder = Bun.spawn(["sleep", "100"], { env: { TOKEN: CANARY } });
  return {
    [Symbol.asyncDispose]: async () => {
      holder.kill();
      await holder.exited;
    },
  };
}

function hostState(): string[] {
  const files = ["/proc/self/mountinfo", "/proc/sys/kernel/hostname", "/proc/sys/kernel/core_pattern", "/proc/sysvipc/shm"];
  return files.map((file) => readFileSync(file, "utf8"));
}

const wrote = (said: string[]) => said.filter((line) => line.startsWith("WROTE ")).map((line) => line.slice(6));

async function untilDaemons(count: number): Promise<void> {
  while (processesNamed(DAEMON).length !== count) await Bun.sleep(5);
}

/** The agent: the only child of process 1. */
const childOf = (pid: number) => Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ")[0]);

/** What a killed server leaves is found by the next one in its place. */
async function removeLeft(own: string): Promise<void> {
  const next = await testHost(own);
  if (next instanceof CannotIsolate) throw next;
  await next.close();
  expect(existsSync(own)).toBe(false);
}
