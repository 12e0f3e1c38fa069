import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Mask } from "../core/common/mask.ts";
import { realWorld } from "../core/common/world.ts";
import { type Command, Exec, type Limits } from "./exec.ts";
import { runs } from "./fixture.ts";

const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const isRoot = self.uid === 0;

const unlimited: Limits = { singleId: false, processes: undefined };

function start(
  script: string,
  command: Partial<Command> = {},
  room = () => Promise.resolve(),
  limits = unlimited,
  world = realWorld(),
) {
  const lines: string[] = [];
  const exec = new Exec(
    { world, mask: new Mask(), limits },
    { argv: ["/bin/bash", "-c", script], env: { PATH: "/usr/bin:/bin" }, cwd: "/", ...self, ...command },
    { lines: (output, more) => lines.push(...more.map((line) => `${output} ${line}`)), broken: () => {}, room },
  );
  return { exec, lines };
}

const openFiles = () => readdirSync("/proc/self/fd").length;

describe("a command", () => {
  test("is heard to its end", async () => {
    const { exec, lines } = start("seq 50000; exit 7");
    expect((await exec.exited).code).toBe(7);
    expect(await exec.drained(10_000)).toBe(true);
    expect(lines).toEqual(Array.from({ length: 50_000 }, (_, i) => `stdout ${i + 1}`));
  });

  test("leaves no descriptor open", async () => {
    const run = async () => {
      const { exec } = start("echo x; echo y >&2");
      await exec.exited;
      await exec.drained(10_000);
    };
    await run();
    const before = openFiles();
    for (let i = 0; i < 5; i++) await run();
    // Bun closes what is done with when it comes round to it.
    while (openFiles() > before) await realWorld().sleep(1);
    expect(openFiles()).toBeLessThanOrEqual(before);
  });

  test("that goes on holding its output is given up, and told so by SIGPIPE", async () => {
    const { exec, lines } = start("(trap 'exit 0' PIPE; sleep 0.2; while echo again; do :; done; echo $? >/dev/null) & echo $!");
    await exec.exited;
    expect(await exec.drained(50)).toBe(false);
    expect(exec.open).toEqual(["stdout", "stderr"]);
    await exec.giveUp();
    const left = Number(lines[0]?.split(" ")[1]);
    while (runs(left)) await Bun.sleep(10);
    expect(exec.open).toEqual([]);
  });

  test("waits while nobody has room for its lines, and is not blamed for it", async () => {
    const gate = Promise.withResolvers<void>();
    const { exec, lines } = start("seq 200000", {}, () => gate.promise);
    while (lines.length === 0) await Bun.sleep(1);
    const draining = exec.drained(500);
    expect(lines.length).toBeLessThan(200_000);
    setTimeout(gate.resolve, 700);
    await exec.exited;
    expect(await draining).toBe(true);
    expect(lines).toHaveLength(200_000);
  });

  test.each<[string, Partial<Command>, string]>([
    ["a missing directory", { cwd: "/no/such" }, "/no/such does not exist"],
    ["a file for a directory", { cwd: "/etc/passwd" }, "/etc/passwd is not a directory"],
    ["a NUL in the environment", { env: { A: "x\0y" } }, "NUL"],
    ["a missing program", { argv: ["/no/such/program"] }, "no such file"],
  ])("cannot be started with %s", (_, command, reason) => {
    const before = openFiles();
    expect(() => start("true", command)).toThrow(new RegExp(reason, "i"));
    expect(openFiles()).toBeLessThanOrEqual(before);
  });

  test("is not put where its user may not go", () => {
    const closed = mkdtempSync(join(tmpdir(), "closed-"));
    mkdirSync(join(closed, "inside"));
    const user = isRoot ? { uid: 54321, gid: 54321 } : self;
    if (!isRoot) chmodSync(closed, 0o600);
    for (const cwd of [closed, join(closed, "inside")])
      expect(() => start("true", { cwd, ...user })).toThrow(/may not enter|permission denied/i);
    chmodSync(closed, 0o711);
    expect(() => start("true", { cwd: join(closed, "inside"), ...user })).not.toThrow();
    rmSync(closed, { recursive: true });
  });

  test("of another user runs as that user where the agent is root, and is refused where it is not", async () => {
    const other = { uid: 54321, gid: 54321 };
    if (!isRoot) {
      expect(() => start("id -u", other)).toThrow();
      return;
    }
    const { exec, lines } = start("id -u; id -g; id -G; echo loud > /dev/stderr", other);
    await exec.exited;
    await exec.drained(10_000);
    expect(lines.toSorted()).toEqual(["stderr loud", "stdout 54321", "stdout 54321", "stdout 54321"]);
  });
});

describe("where the machine has a single id", () => {
  test("another user is played, or the kernel's refusal is shown", async () => {
    const other = { uid: 12345, gid: 12345 };
    const { exec, lines } = start("id -u; id -g; ulimit -u", other, undefined, { singleId: true, processes: 5000 });
    const { code } = await exec.exited;
    await exec.drained(10_000);
    if (code === 0) expect(lines).toEqual(["stdout 12345", "stdout 12345", "stdout 5000"]);
    else expect(lines.join()).toContain("unshare");
  });
});

describe("stopping a command", () => {
  test("asks first", async () => {
    const { exec, lines } = start("trap 'echo bye; exit 5' TERM; echo up; while :; do sleep 0.01; done");
    while (lines.length === 0) await Bun.sleep(5);
    expect(await exec.stop(10_000)).toBe(true);
    expect((await exec.exited).code).toBe(5);
    await exec.drained(10_000);
    expect(lines.filter((line) => line.startsWith("stdout"))).toEqual(["stdout up", "stdout bye"]);
  });

  test("makes those go that do not listen, in all process groups of its session", async () => {
    const { exec, lines } = start("trap '' TERM; set -m; sleep 1000 & (trap '' TERM; sleep 1000) & echo $!; echo up; wait");
    while (lines.length < 2) await Bun.sleep(5);
    expect(await exec.stop(50)).toBe(true);
    expect((await exec.exited).signal).toBe(9);
    expect(runs(Number(lines[0]?.split(" ")[1]))).toBe(false);
  });

  test.each([
    ["forward", 3_600_000],
    ["back", -3_600_000],
  ])("does not go by the time of day, which may be set %s meanwhile", async (_, step) => {
    let now = Date.now();
    const world = {
      ...realWorld(),
      now: () => {
        now += step;
        return now;
      },
    };
    const { exec, lines } = start("trap '' TERM; echo up; sleep 1000; sleep 1000", {}, undefined, undefined, world);
    while (lines.length === 0) await Bun.sleep(5);
    expect(await exec.stop(50)).toBe(true);
    expect((await exec.exited).signal).toBe(9);
  });

  test("that has ended signals nobody", async () => {
    const { exec } = start("true");
    await exec.exited;
    expect(await exec.stop(1000)).toBe(true);
  });
});
