import { expect, setDefaultTimeout, test } from "bun:test";
import { type Call, FATES, type Fate } from "./gate.ts";
import { Region } from "./region.ts";

/** Set, every call and every commit of a job's life; otherwise the first call of each kind, with one fate, and some commits. */
const EVERYWHERE = process.env["KILL_EVERYWHERE"] !== undefined;
const STRIDE = EVERYWHERE ? 1 : 4;
/** So many regions at a time: much of it is waiting. */
const LANES = 4;
/** Not every life has each call: that of a lease's renewal hangs on the time. The first of a name comes in one of so many. */
const LIVES = 5;

setDefaultTimeout(EVERYWHERE ? 3_600_000 : 120_000);

/** Does the work of each item in some region, several at a time; no further one after a failure. */
async function inRegions<T>(items: Iterator<T>, work: (region: Region, item: T) => Promise<void>, warm = 0): Promise<void> {
  let failed = false;
  const lane = async () => {
    try {
      await using region = await Region.open(warm);
      for (let next = items.next(); !next.done && !failed; next = items.next()) await work(region, next.value);
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const done = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const lane of done) if (lane.status === "rejected") throw lane.reason;
}

/** A factory's life with one job. @returns whether it made that call, and was killed at it */
async function killFactoryAt(region: Region, call: Call, fate: Fate): Promise<boolean> {
  const { gate } = region;
  await region.killFactory();
  gate.count();
  const met = gate.ambush(call, fate, region.killFactory).then(() => true);
  const job = await region.submit();
  await region.startFactory();
  const settled = region.settles(job);
  if (!(await Promise.race([met, settled]))) return false;
  await region.startFactory();
  gate.release();
  await settled;
  return true;
}

test("a factory that is killed at any of its calls leaves no instance and no worker, and its jobs are done once", async () => {
  const names = new Set<string>();
  {
    await using region = await Region.open();
    await region.settles(await region.submit());
    for (const { name } of region.gate.calls) names.add(name);
  }
  const all = [...names].flatMap((name, at) => FATES.map((fate, which) => ({ name, fate, chosen: which === at % FATES.length })));
  const points = all.filter(({ chosen }) => EVERYWHERE || chosen);
  let kills = 0;
  await inRegions(points.values(), async (region, { name, fate }) => {
    for (let number = 1; EVERYWHERE || number === 1; number++) {
      let met = false;
      for (let life = 0; life < (number === 1 ? LIVES : 1) && !met; life++)
        met = await killFactoryAt(region, { name, number }, fate);
      if (!met) break;
      kills++;
    }
  });
  expect(kills).toBeGreaterThanOrEqual(points.length);
});

test("a factory that is killed while it starts a prepared instance, or prepares one, leaves none that runs, and its jobs are done once", async () => {
  const names = [
    "factory_worker_create",
    "ModifyInstanceAttribute",
    "StartInstances",
    "CreateTags",
    "factory_worker_associate",
    "RunInstances",
  ];
  const all = names.flatMap((name, at) => FATES.map((fate, which) => ({ name, fate, chosen: which === at % FATES.length })));
  const kill = async (region: Region, { name, fate }: { name: string; fate: Fate }) => {
    const { gate } = region;
    await region.warmed();
    gate.count();
    const met = gate.ambush({ name, number: 1 }, fate, region.killFactory);
    const job = await region.submit();
    await met;
    await region.startFactory();
    gate.release();
    await region.settles(job);
  };
  await inRegions(all.filter(({ chosen }) => EVERYWHERE || chosen).values(), kill, 1);
});

test("a core that is killed after any of its commits leaves no instance and no worker, and its jobs are done once", async () => {
  let last = 0;
  let survived = false;
  function* commits() {
    for (let commit = 1; !survived; commit += STRIDE) yield commit;
  }
  await inRegions(commits(), async (region, commit) => {
    await region.restartCore(commit);
    region.arm();
    const revived = region.coreRevived();
    const job = await region.submit();
    const settled = region.settles(job);
    if (await Promise.race([revived, settled])) {
      await settled;
      last = Math.max(last, commit);
    } else survived = true;
  });
  expect(last).toBeGreaterThan(20);
});
