import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { silent } from "../../common/logger.ts";
import { Cgroups } from "./cgroups.ts";
import { openDirectory, testHost } from "./fixture/host.ts";

const cgroups = new Cgroups(`buildomat-test-${process.pid}`, { memory: 128 * 1024 ** 2, processes: 40 }, silent);
const host = await testHost(openDirectory());

afterAll(async () => {
  if (!(host instanceof Error)) await host.close();
  cgroups.remove();
  expect(existsSync(`/sys/fs/cgroup/pids/buildomat-test-${process.pid}`)).toBe(false);
});

/** Starts 60 processes, and writes 300 MB into memory. */
const greedy = `for i in $(seq 60); do sleep 3 & done 2>/dev/null; echo sleeping $(jobs -r | wc -l)
kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; head -c 300M /dev/zero | tail -c 300M >/dev/null; echo hungry \${PIPESTATUS[1]}`;

async function counted(confine: boolean): Promise<Record<string, number>> {
  if (host instanceof Error) return {};
  const said = await host.run(greedy, {}, confine ? (pid) => cgroups.confine(0, pid) : undefined);
  console.log(said.slice(-8));
  return Object.fromEntries(said.map((line) => line.split(" ")).map(([name = "", count]) => [name, Number(count)]));
}

test("a box takes no more than its control groups let it, where this host has them", async () => {
  const { sleeping = 0, hungry = 0 } = await counted(true);
  if (cgroups.enforces("processes")) expect(sleeping).toBeLessThan(40);
  if (cgroups.enforces("memory")) expect(hungry).toBe(137);
});

test("a box without them takes more, so that the limits are what held it", async () => {
  if (host instanceof Error) return expect(host.message).toContain("cannot isolate");
  expect(await counted(false)).toMatchObject({ sleeping: 60, hungry: 0 });
});
