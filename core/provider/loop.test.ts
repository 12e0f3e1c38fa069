import { afterEach, describe, expect, test } from "bun:test";
import { manualWorld } from "../../test/fixture/manual-world.ts";
import { Client } from "../client/client.ts";
import { silent } from "../common/logger.ts";
import { StandInCore } from "./fixture/core.ts";
import { Machines } from "./fixture/machines.ts";
import { passing, until } from "./fixture/until.ts";
import { Loop, type LoopOptions } from "./loop.ts";

const TARGET = "01HTARGET0000000000000000A";
const MINUTE = 60_000;

const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

/** A loop between a stand-in core, reached over HTTP, and a stand-in provider; time passes when the test says so. */
function scene(options: Partial<LoopOptions> = {}) {
  const clock = manualWorld();
  const core = new StandInCore(clock);
  const machines = new Machines();
  const client = new Client({ world: clock, url: core.url, token: core.token, patience: Number.POSITIVE_INFINITY });
  const patience = { grace: 2 * MINUTE, boot: 8 * MINUTE };
  const loop = new Loop({
    world: clock,
    logger: silent,
    client,
    provider: machines,
    targets: ["default"],
    limit: 2,
    patience,
    every: 5000,
    ...options,
  });
  const start = () => {
    const run = loop.run();
    ending.push(async () => {
      machines.stubborn.clear();
      machines.destroyed = "gone";
      await loop.stop();
      await run;
    });
  };
  ending.push(() => core[Symbol.asyncDispose]());
  const lease = (...jobs: string[]) => {
    core.queue.push(...jobs.map((job) => ({ job, target: TARGET })));
    core.changed();
  };
  return { clock, core, machines, loop, start, lease };
}

describe("a leased job", () => {
  test("gets a worker that has it from the start, and a machine that the core knows before its agent comes", async () => {
    const { core, machines, start, lease } = scene();
    start();
    lease("J1");
    await until(() => machines.all.size === 1);
    const [worker = ""] = core.workers.keys();
    expect(core.deeds.slice(0, 2)).toEqual(["POST worker", `PATCH worker/${worker}`]);
    expect(core.bodies[core.calls.indexOf("POST worker")]).toEqual({ target: TARGET, job: "J1" });
    expect(core.bodies[core.calls.indexOf(`PATCH worker/${worker}`)]).toEqual({
      private: "m-J1",
      details: { isolation: "none" },
    });
    expect(machines.orders[0]?.target).toBe("default");
  });

  test("keeps its worker when the core lists it before it answers that it has made it", async () => {
    const { core, machines, start, lease } = scene({ patience: { grace: 0, boot: 8 * MINUTE } });
    const answer = Promise.withResolvers<void>();
    core.late.set("POST worker", answer.promise);
    start();
    lease("J1");
    await until(() => core.workers.size === 1);
    // A second worker of ours, without a machine, that the loop hears of along with the first.
    const other = core.worker({ online: false });
    await until(() => core.lists >= 3);
    answer.resolve();
    await until(() => machines.all.size === 1 && core.deeds.includes(`DELETE worker/${other.id}`));
    expect(core.deeds.filter((deed) => deed.startsWith("DELETE"))).toEqual([`DELETE worker/${other.id}`]);
  });

  // The simulator's seed 10470: the answer that told of the new worker was long under way.
  test("keeps its worker when its machine took longer than the grace, and is listed late", async () => {
    const { clock, core, machines, start, lease } = scene();
    const slow = Promise.withResolvers<void>();
    machines.during = () => slow.promise;
    machines.list = async () => [];
    start();
    lease("J1");
    await until(() => machines.orders.length === 1);
    await clock.advance(3 * MINUTE);
    slow.resolve();
    await until(() => machines.all.size === 1);
    await clock.advance(MINUTE);
    expect(core.deeds.filter((deed) => deed.startsWith("DELETE"))).toEqual([]);
    await passing(clock, () => core.deeds.some((deed) => deed.startsWith("DELETE")));
  });

  test("does not wait for the machine of another, and no more machines are made than may be", async () => {
    const { core, machines, start, lease } = scene();
    const slow = Promise.withResolvers<void>();
    machines.during = () => slow.promise;
    start();
    lease("J1", "J2", "J3");
    await until(() => machines.orders.length === 2 && core.calls.includes("GET ping"));
    expect(core.queue.map(({ job }) => job)).toEqual(["J3"]);
    slow.resolve();
    await until(() => machines.all.size === 2);
    expect(machines.orders.map(({ job }) => job)).toEqual(["J1", "J2"]);
  });

  test("gets the room of a machine that has gone", async () => {
    const { core, machines, start, lease } = scene({ limit: 1 });
    start();
    lease("J1", "J2");
    await until(() => machines.all.size === 1);
    for (const worker of core.workers.values()) Object.assign(worker, { online: true, recycle: true });
    core.changed();
    await until(() => machines.all.has("m-J2"));
    expect([...machines.all.keys()]).toEqual(["m-J2"]);
  });

  test("hears why its machine could not be made", async () => {
    const { core, machines, start, lease } = scene();
    machines.during = async () => {
      throw new Error("out of memory");
    };
    start();
    lease("J1");
    await until(() => core.deeds.some((call) => call.startsWith("DELETE")));
    const said = core.bodies[core.calls.findIndex((call) => call.includes("append"))];
    expect(said).toMatchObject([{ stream: "console", payload: "no machine could be made: out of memory" }]);
    expect(core.workers.size).toBe(0);
  });

  test("hears why no machine can be made, where it would get one only once that is up", async () => {
    const { core, machines, start, lease } = scene();
    machines.assigns = false;
    machines.during = async () => {
      throw new Error(`the image is gone: ${"x".repeat(600)}`);
    };
    start();
    lease("J1");
    await until(() => core.deeds.includes("DELETE lease/J1"));
    expect(core.deeds.filter((call) => call.includes("append"))).toEqual([]);
    const { reason } = core.bodies[core.calls.indexOf("POST lease/J1/failure")] as { reason: string };
    expect(reason).toStartWith("the image is gone: xxx");
    expect(reason.length).toBeLessThan(600);
    expect(core.deeds.some((deed) => deed.startsWith("DELETE worker/"))).toBe(true);
  });

  test("is no longer asked for at once when none can be made", async () => {
    const { clock, core, machines, start, lease } = scene();
    machines.during = async () => {
      throw new Error("out of memory");
    };
    start();
    lease("J1", "J2", "J3", "J4");
    await until(() => core.deeds.filter((call) => call.startsWith("DELETE")).length === 2);
    const made = machines.orders.length;
    expect(core.queue.length).toBeGreaterThan(0);
    await passing(clock, () => machines.orders.length > made);
  });

  test("does not wait for jobs of a target whose machines cannot be made", async () => {
    const { clock, core, machines, start, lease } = scene({ targets: ["default", "broken"] });
    const broken = "01HTARGET0000000000000000B";
    core.targets.push({ id: broken, name: "broken" });
    machines.during = async () => {
      if (machines.orders.at(-1)?.target === "broken") throw new Error("the image is gone");
    };
    core.queue.push(...Array.from({ length: 40 }, (_, at) => ({ job: `B${at}`, target: broken })));
    lease("J1");
    start();
    await passing(clock, () => machines.all.size === 1);
    expect(core.queue.length).toBeGreaterThan(30);
    const tried = machines.orders.length;
    await passing(clock, () => machines.orders.length > tried);
  });

  test("stays leased while its machine takes long to be made", async () => {
    const { clock, core, machines, start, lease } = scene();
    const slow = Promise.withResolvers<void>();
    machines.during = () => slow.promise;
    start();
    lease("J1");
    await passing(clock, () => machines.orders.length === 1);
    // The provider may be slow to say what there is, too.
    machines.list = () => slow.promise.then(() => [...machines.all.values()]);
    await passing(clock, () => core.deeds.filter((deed) => deed === "POST lease/J1").length === 3);
    slow.resolve();
    await until(() => machines.all.size === 1);
  });

  test("is only taken once it is known which machines there are", async () => {
    const { clock, core, machines, start, lease } = scene({ limit: 1 });
    let known = false;
    machines.list = async () => {
      if (!known) throw new Error("not now");
      return [...machines.all.values()];
    };
    const { id } = core.worker({ private: "M" });
    machines.machine({ id: "M", worker: id });
    start();
    lease("J1");
    await passing(clock, () => core.calls.filter((call) => call === "GET ping").length > 3);
    expect(machines.orders).toEqual([]);
    known = true;
    core.workers.delete(id);
    core.changed();
    await passing(clock, () => machines.all.has("m-J1"));
  });

  test("is only taken for targets that the core knows; one that is made later is found", async () => {
    const { clock, core, machines, start, lease } = scene({ targets: ["default", "later"] });
    start();
    core.queue.push({ job: "J2", target: "01HTARGET0000000000000000B" });
    lease("J1");
    await until(() => machines.all.size === 1);
    expect(core.queue).toHaveLength(1);
    core.targets.push({ id: "01HTARGET0000000000000000B", name: "later" });
    await passing(clock, () => machines.orders.length === 2);
    expect(machines.orders.map(({ target }) => target)).toEqual(["default", "later"]);
  });
});

describe("a machine", () => {
  test("of a worker that the core wants recycled is destroyed, and only then is the worker deleted", async () => {
    const { clock, core, machines, start } = scene();
    const { id } = core.worker({ private: "M", recycle: true });
    machines.machine({ id: "M", worker: id });
    machines.destroyed = "ending";
    start();
    await until(() => machines.all.get("M")?.state === "ending");
    const pings = core.calls.length;
    await passing(clock, () => core.calls.length > pings);
    expect(core.workers.has(id)).toBe(true);
    machines.machine({ id: "M", worker: id, state: "gone" });
    await passing(clock, () => !core.workers.has(id));
  });

  test("of an unknown worker is destroyed, of another factory's or of nobody's is left alone", async () => {
    const { core, machines, start } = scene();
    const theirs = core.worker({ private: "theirs", recycle: true });
    core.workers.delete(theirs.id);
    core.foreign.add(theirs.id);
    machines.machine({ id: "stray", worker: "01HSTRAY000000000000000000" });
    machines.machine({ id: "theirs", worker: theirs.id });
    machines.machine({ id: "nobody's" });
    start();
    await until(() => !machines.all.has("stray"));
    expect([...machines.all.keys()]).toEqual(["theirs", "nobody's"]);
  });

  test("whose announcement got lost is announced", async () => {
    const { core, machines, start } = scene();
    const worker = core.worker({ online: false });
    machines.machine({ id: "M", worker: worker.id, job: "J1" });
    start();
    await until(() => worker.private === "M");
  });

  test("that is not the worker's is not touched", async () => {
    const { clock, core, machines, start } = scene();
    const worker = core.worker({ private: "other", recycle: true });
    machines.machine({ id: "M", worker: worker.id });
    start();
    const lost = core.worker({ private: "lost" });
    await passing(clock, () => !core.workers.has(lost.id));
    expect(machines.all.has("M")).toBe(true);
  });

  test("that stopped by itself leaves its last words in the log", async () => {
    const { core, machines, start } = scene();
    const { id } = core.worker({ private: "M" });
    machines.machine({ id: "M", worker: id, state: "stopped" });
    start();
    await until(() => !core.workers.has(id));
    expect(core.deeds).toEqual([`POST worker/${id}/append?first=1`, `DELETE worker/${id}`]);
    const said = core.bodies[core.calls.indexOf(`POST worker/${id}/append?first=1`)];
    expect(said).toMatchObject([
      { stream: "console", payload: "M: booting" },
      { stream: "console", payload: "M: panic" },
    ]);
    expect(machines.all.size).toBe(0);
  });

  test("whose agent does not come has its lease renewed now and then, until it counts as hung", async () => {
    const { clock, core, machines, start } = scene();
    const { id } = core.worker({ private: "M", online: false });
    machines.machine({ id: "M", worker: id, job: "J1" });
    const renewals = () => core.deeds.filter((call) => call === "POST lease/J1").length;
    start();
    await until(() => renewals() === 1);
    const began = clock.now();
    await passing(clock, () => renewals() === 2);
    expect(clock.now() - began).toBeGreaterThanOrEqual(15_000);
    await passing(clock, () => !core.workers.has(id));
    expect(clock.now() - began).toBeGreaterThanOrEqual(8 * MINUTE);
    expect(core.deeds.slice(-3, -1)).toEqual([`POST worker/${id}/append?first=1?job=J1`, "POST lease/J1/failure"]);
    expect(core.bodies[core.calls.indexOf("POST lease/J1/failure")]).toEqual({ reason: "M never came up" });
    expect(machines.all.size).toBe(0);
  });

  test("that is held is left alone, but its lease is renewed while its agent has not come", async () => {
    const { clock, core, machines, start } = scene();
    const { id } = core.worker({ private: "M", online: false, hold: true });
    const gone = core.worker({ private: "gone", hold: true }, 3 * MINUTE);
    machines.machine({ id: "M", worker: id, job: "J1" });
    start();
    const end = clock.now() + 4 * MINUTE;
    await passing(clock, () => clock.now() > end);
    expect(core.deeds.length).toBeGreaterThan(1);
    expect(new Set(core.deeds)).toEqual(new Set(["POST lease/J1"]));
    expect([...core.workers.keys()].sort()).toEqual([id, gone.id].sort());
  });

  test("that cannot be destroyed holds up no other, and is tried again", async () => {
    const { clock, core, machines, start } = scene();
    const stuck = core.worker({ private: "stuck", recycle: true });
    const other = core.worker({ private: "other", recycle: true });
    machines.machine({ id: "stuck", worker: stuck.id });
    machines.machine({ id: "other", worker: other.id });
    machines.stubborn.add("stuck");
    start();
    await until(() => !core.workers.has(other.id));
    expect(core.workers.has(stuck.id)).toBe(true);
    machines.stubborn.clear();
    await passing(clock, () => !core.workers.has(stuck.id));
  });
});

describe("a worker without a machine", () => {
  test("is deleted, but not before the provider can be expected to show the machine", async () => {
    const { clock, core, start } = scene();
    const began = clock.now();
    const fresh = core.worker({ online: false });
    const old = core.worker({ private: "lost" }, 3 * MINUTE);
    start();
    await until(() => !core.workers.has(old.id));
    expect(core.workers.has(fresh.id)).toBe(true);
    await passing(clock, () => !core.workers.has(fresh.id));
    expect(clock.now() - began).toBeGreaterThanOrEqual(2 * MINUTE);
  });

  test("whose machine is being made is left alone", async () => {
    const { clock, core, machines, start, lease } = scene({ patience: { grace: 0, boot: 8 * MINUTE } });
    const slow = Promise.withResolvers<void>();
    machines.during = () => slow.promise;
    start();
    lease("J1");
    await until(() => core.workers.size === 1);
    const other = core.worker({ private: "lost" });
    await passing(clock, () => !core.workers.has(other.id));
    expect(core.workers.size).toBe(1);
    slow.resolve();
    await until(() => machines.all.size === 1);
  });
});

describe("the factory", () => {
  test("that stops destroys its machines, held ones too, and deletes their workers", async () => {
    const { core, machines, loop, lease } = scene();
    const run = loop.run();
    const { id } = core.worker({ private: "M", hold: true });
    machines.machine({ id: "M", worker: id });
    machines.machine({ id: "nobody's" });
    lease("J1");
    await until(() => machines.all.size === 3);
    await loop.stop();
    await run;
    expect([...machines.all.keys()]).toEqual(["nobody's"]);
    expect(core.workers.size).toBe(0);
  });

  test("that the core does not know ends and says so", async () => {
    const { core, loop } = scene({});
    core.failing.set("GET workers", 401);
    expect(loop.run()).rejects.toThrow("as the test wants it");
    await loop.stop();
  });

  test("goes on when the core was away for a while", async () => {
    const { clock, core, machines, start, lease } = scene();
    core.failing.set("POST lease", 503);
    start();
    await until(() => core.calls.includes("POST lease"));
    core.failing.clear();
    lease("J1");
    await passing(clock, () => machines.all.size === 1);
  });
});
