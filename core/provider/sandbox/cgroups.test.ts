import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { silent } from "../../common/logger.ts";
import { Cgroups } from "./cgroups.ts";
import { openDirectory } from "./fixture/host.ts";
import { enter } from "./namespaces.ts";
import { CannotIsolate, probe } from "./probe.ts";

const name = `buildomat-test-${process.pid}`;
const cgroups = new Cgroups(name, { memory: 64 * 1024 ** 2, processes: 40 }, silent);
const stage = openDirectory();
const found = await probe(stage, 1, false).catch((error: unknown) => error as Error);

afterAll(() => {
  cgroups.remove();
  rmSync(stage, { recursive: true });
  expect(existsSync(`/sys/fs/cgroup/pids/${name}`)).toBe(false);
});

/** Starts 60 processes. */
const SLEEPING = "for i in $(seq 60); do sleep 3 & done 2>/dev/null; echo sleeping $(jobs -r | wc -l); kill $(jobs -p)";
/** Writes 100 MB into memory. */
const HUNGRY = `head -c 100M /dev/zero | tail -c 100M >/dev/null; echo hungry \${PIPESTATUS[1]}`;

/** Each in a box of its own: one that may start nothing more could not be hungry. */
async function counted(groupsOf: (slot: number) => string[]): Promise<Record<string, number>> {
  if (found instanceof Error) return {};
  const said: string[] = [];
  const line = (text: string) => said.push(text);
  for (const [slot, script] of [SLEEPING, HUNGRY].entries()) {
    const entered = await enter(["bash", "-c", script], { map: found.mapOf(0), line, groups: groupsOf(slot) });
    await entered.ended;
  }
  return Object.fromEntries(said.map((text) => text.split(" ")).map(([what = "", count]) => [what, Number(count)]));
}

test("a box takes no more than its control groups let it, where this host has them", async () => {
  const { sleeping = 0, hungry = 0 } = await counted((slot) => cgroups.of(slot));
  if (cgroups.enforces("processes")) expect(sleeping).toBeLessThan(40);
  if (cgroups.enforces("memory")) expect(hungry).toBe(137);
});

test("a box without them takes more, so that the limits are what held it", async () => {
  if (found instanceof CannotIsolate) return expect(found.message).toContain("cannot isolate");
  expect(await counted(() => [])).toMatchObject({ sleeping: 60, hungry: 0 });
});

test("what a killed factory left is in nobody's way: a box that is still dying, a trial that was broken off", async () => {
  const limits = { memory: 64 * 1024 ** 2, processes: 40 };
  const killed = new Cgroups(`${name}-killed`, limits, silent);
  const dying = Bun.spawn(["sleep", "100"]);
  const groups = killed.of(0);
  for (const procs of groups) mkdirSync(join(dirname(procs), "../box-probe"));
  for (const procs of groups) writeFileSync(procs, String(dying.pid));
  const next = new Cgroups(`${name}-killed`, { ...limits, processes: 50 }, silent);
  const most = next.of(0).map((procs) => join(dirname(procs), "pids.max"));
  for (const file of most.filter(existsSync)) expect(readFileSync(file, "utf8")).toBe("50\n");
  next.remove();
  expect(groups.map(existsSync)).toEqual(groups.map(() => true));
  dying.kill("SIGKILL");
  await dying.exited;
  new Cgroups(`${name}-killed`, limits, silent).remove();
  expect(groups.map(existsSync)).toEqual(groups.map(() => false));
});
