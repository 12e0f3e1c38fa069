import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Instance } from "../../../test/fake/ec2/cloud.ts";
import { silent } from "../../common/logger.ts";
import { passing, until } from "../fixture/until.ts";
import type { Order } from "../provider.ts";
import { Aws } from "./aws.ts";
import { Ec2 } from "./ec2.ts";
import { awsTarget, endScenes, J1, J2, MINUTE, scene as newScene } from "./fixture/scene.ts";
import { userDataOf } from "./user-data.ts";

setDefaultTimeout(30_000);

const HOUR = 60 * MINUTE;

afterEach(endScenes);

/** Instances that are prepared switch themselves off as soon as they run, unless the test says otherwise. */
function scene(target: object = {}, changes: object = {}) {
  const made = newScene({ targets: { default: { ...awsTarget, warm: 1, ...target } }, ...changes });
  const { clock, cloud, core, looks } = made;
  const isPrepared = ({ userData }: Instance) => userData.includes("--prepare");
  cloud.habits.boot = (instance) => {
    if (isPrepared(instance)) cloud.stop(instance);
  };
  /** The pool has been looked after so many more times. */
  const keeps = async (times = 2) => {
    const end = clock.now() + times * 10_000;
    await passing(clock, () => clock.now() > end);
    await looks();
  };
  /** The factory itself, looked after by hand, for what takes hours. */
  const byHand = () => {
    const {
      config,
      core: { url },
    } = made;
    const own = new Ec2(config);
    made.atEnd(async () => own.close());
    const userData = userDataOf({ world: clock, url, ca: undefined });
    const aws = new Aws({ world: clock, logger: silent, config, ec2: own, factory: "this", userData });
    const keep = async () => {
      await aws.list();
      await aws.upkeep({ draining: false });
      await clock.advance(0);
      await aws.list();
    };
    const job = (): Order => ({
      job: clock.id(),
      target: "default",
      record: async () => ({ worker: clock.id(), bootstrap: "key" }),
      announce: async () => {},
    });
    return { aws, keep, job };
  };
  const waiting = () =>
    cloud.living().filter((one) => cloud.stateOf(one) === "stopped" && one.tags["bmat-worker_id"] === undefined);
  const working = () => cloud.living().filter((one) => one.tags["bmat-worker_id"] !== undefined);
  const announced = () => [...core.workers.values()].filter((worker) => worker.private !== null);
  /** So many wait, and the factory has seen it. */
  const ready = async (count: number) => {
    await passing(clock, () => waiting().length === count);
    await looks();
  };
  return { ...made, byHand, keeps, ready, waiting, working, announced };
}

describe("a prepared instance", () => {
  test("waits, stopped, with the tags of its factory and target, and nothing of a worker", async () => {
    const { clock, core, ec2, start, keeps, waiting } = scene({ warm: 2, warm_script: "apt-get -y install make" });
    start();
    await passing(clock, () => waiting().length === 2);
    await keeps(3);
    const [one] = waiting();
    expect(one?.tags).toEqual({
      Name: expect.stringMatching(/^warm-/),
      bmat: "1",
      "bmat-target": "default",
      "bmat-factory": "this",
      "bmat-pool": expect.any(String),
    });
    const shell = Bun.spawnSync(["sh", "-c", one?.userData ?? ""]);
    expect(shell.stdout.toString()).toBe(`${core.url.replace(/\/$/, "")} --prepare apt-get -y install make\n`);
    expect(ec2.cloud.instances.size).toBe(2);
    expect(core.deeds).toEqual([]);
  });

  test("is started for a job with what its agent needs, is the job's machine then, and another is prepared", async () => {
    const { clock, core, cloud, ec2, start, ready, lease, waiting, working, announced } = scene();
    start();
    await ready(1);
    const [spare] = waiting();
    await clock.advance(30_000);
    cloud.habits.shownAfter = 30_000;
    lease(J1);
    await until(() => announced().length === 1);
    const [worker] = announced();
    expect(worker?.private).toBe(spare?.id ?? "");
    expect(cloud.stateOf(spare as Instance)).toBe("running");
    expect(spare?.tags).toMatchObject({
      Name: `w-${worker?.id.toLowerCase()}`,
      "bmat-worker_id": worker?.id ?? "",
      "bmat-lease_id": J1,
      "bmat-target": "default",
    });
    const shell = Bun.spawnSync(["sh", "-c", spare?.userData ?? ""]);
    expect(shell.stdout.toString()).toContain(`${worker?.bootstrap} w-${worker?.id.toLowerCase()}\n`);
    expect(core.bodies[core.calls.indexOf(`PATCH worker/${worker?.id}`)]).toMatchObject({
      private: spare?.id,
      ip: spare?.ip,
      details: { prepared: "yes", market: "on demand" },
    });
    await passing(clock, () => waiting().length === 1);
    expect(working()).toEqual([spare as Instance]);
    expect(core.deeds.filter((deed) => deed.startsWith("DELETE"))).toEqual([]);
    Object.assign(worker ?? {}, { online: true, recycle: true });
    core.changed();
    await passing(clock, () => spare?.ended !== undefined && core.workers.size === 0);
    expect(ec2.calls).not.toContain("StopInstances ok");
  });

  test("is the next factory's, when the one that prepared it was killed", async () => {
    const { clock, ec2, start, keeps, lease, waiting, announced } = scene();
    const first = start();
    await passing(clock, () => waiting().length === 1);
    await first.stop();
    const [spare] = waiting();
    start();
    await keeps(3);
    expect(ec2.cloud.instances.size).toBe(1);
    lease(J1);
    await passing(clock, () => announced().length === 1);
    expect(announced()[0]?.private).toBe(spare?.id ?? "");
  });

  test("of another factory is neither used nor counted nor ended", async () => {
    const { clock, instance, cloud, start, keeps, waiting } = scene();
    const theirs = instance(undefined, { "bmat-pool": "a", "bmat-factory": "another" });
    cloud.stop(theirs);
    start();
    await passing(clock, () => waiting().length === 2);
    await keeps();
    expect(theirs.ended).toBeUndefined();
  });

  test("is replaced when the core has another agent, or the config another kind of machine", async () => {
    const { clock, core, config, start, waiting } = scene();
    start();
    await passing(clock, () => waiting().length === 1);
    const seen = [waiting()[0]];
    const replaced = async () => {
      await passing(clock, () => seen.at(-1)?.ended !== undefined && waiting().length === 1);
      seen.push(waiting()[0]);
    };
    core.agent = "0b";
    await replaced();
    Object.assign(config.targets["default"] ?? {}, { root_size_gb: 30 });
    await replaced();
    expect(new Set(seen.map((one) => one?.tags["bmat-pool"])).size).toBe(3);
  });

  test("that runs on without getting ready is ended, and the next one is not tried at once", async () => {
    const { clock, cloud, said, start, keeps } = scene();
    cloud.habits.boot = (instance) => {
      instance.console = "booting\nno route to host\n";
    };
    start();
    await passing(clock, () => cloud.instances.size === 1);
    const [one] = cloud.instances.values();
    await passing(clock, () => one?.ended !== undefined);
    expect((one?.ended ?? 0) - (one?.made ?? 0)).toBeGreaterThan(15 * MINUTE);
    expect(said.join()).toContain("no route to host");
    await keeps(3);
    expect(cloud.instances.size).toBe(1);
    await passing(clock, () => cloud.instances.size === 2);
  });

  test("that does not get ready is not tried again at once either where another one waits", async () => {
    const { clock, cloud, start, keeps, ready } = scene({ warm: 2 });
    cloud.habits.boot = (instance) => {
      const [first] = cloud.instances.values();
      if (instance === first) cloud.stop(instance);
    };
    start();
    await ready(1);
    const [, hung] = cloud.instances.values();
    await passing(clock, () => hung?.ended !== undefined);
    await keeps(3);
    expect(cloud.instances.size).toBe(2);
    await passing(clock, () => cloud.instances.size === 3);
  });

  test("that EC2 ends before it is ready is not tried again at once, and the log says why", async () => {
    const { clock, cloud, said, start, keeps } = scene();
    cloud.habits.stillborn = "Client.VolumeLimitExceeded";
    start();
    await passing(clock, () => [...cloud.instances.values()].some(({ ended }) => ended !== undefined));
    await keeps(3);
    expect(cloud.instances.size).toBe(1);
    expect(said.join()).toContain("Client.VolumeLimitExceeded");
    delete cloud.habits.stillborn;
    await passing(clock, () => cloud.instances.size === 2);
  });

  test("that is being ended is started for no job", async () => {
    const { ec2, cloud, byHand, waiting } = scene();
    const { aws, keep, job } = byHand();
    await keep();
    const answer = Promise.withResolvers<void>();
    cloud.habits.late.set("TerminateInstances", answer.promise);
    const [spare] = waiting();
    const ending = aws.upkeep({ draining: true });
    await until(() => spare?.ended !== undefined);
    await aws.create(job());
    answer.resolve();
    await ending;
    expect(ec2.calls.filter((call) => call.startsWith("ModifyInstanceAttribute"))).toEqual([]);
    expect(cloud.living().map(({ id }) => id)).not.toContain(spare?.id ?? "");
  });

  test("that was started, but whose factory was killed before it said for what, is ended", async () => {
    const { clock, cloud, start, waiting } = scene();
    const first = start();
    await passing(clock, () => waiting().length === 1);
    await first.stop();
    const [spare] = waiting();
    cloud.setUserData(spare as Instance, "a job's");
    cloud.start(spare as Instance);
    start();
    await passing(clock, () => spare?.ended !== undefined && waiting().length === 1);
  });
});

describe("a job", () => {
  test("gets a new instance where EC2 has no capacity to start the one that waits, which goes on waiting", async () => {
    const { cloud, ec2, start, ready, lease, waiting, announced } = scene();
    start();
    await ready(1);
    const [spare] = waiting();
    cloud.habits.short.add("c8a.large us-test-1a");
    lease(J1);
    await until(() => announced().length === 1);
    expect(waiting()).toEqual([spare as Instance]);
    const [machine] = cloud.living().filter(({ id }) => id === announced()[0]?.private);
    expect(machine?.zone).toBe("us-test-1b");
    expect(ec2.calls).toContain("StartInstances InsufficientInstanceCapacity");
    lease(J2);
    await until(() => announced().length === 2);
    expect(waiting()).toEqual([spare as Instance]);
  });

  test("gets a new instance where the one that waits cannot be given its user data, or not be started", async () => {
    const { cloud, ec2, start, ready, keeps, lease, waiting, announced } = scene({ warm: 2 });
    start();
    await ready(2);
    const spares = waiting();
    cloud.habits.refused.set("ModifyInstanceAttribute", "UnauthorizedOperation");
    lease(J1);
    await until(() => announced().length === 1);
    cloud.habits.refused.clear();
    cloud.habits.refused.set("StartInstances", "UnauthorizedOperation");
    await keeps();
    lease(J2);
    await until(() => announced().length === 2);
    expect(ec2.calls).toContain("ModifyInstanceAttribute UnauthorizedOperation");
    expect(ec2.calls).toContain("StartInstances UnauthorizedOperation");
    const used = announced().map(({ private: machine }) => machine);
    expect(spares.some(({ id }) => used.includes(id))).toBe(false);
    // EC2 may have started what it did not say that it started.
    expect(spares.map(({ ended }) => ended !== undefined)).toEqual([true, true]);
  });

  test("gets a new instance where the one that waits was started and cannot be given its tags", async () => {
    const { cloud, start, ready, lease, waiting, announced } = scene();
    start();
    await ready(1);
    const [spare] = waiting();
    cloud.habits.refused.set("CreateTags", "UnauthorizedOperation");
    lease(J1);
    await until(() => announced().length === 1);
    expect(announced()[0]?.private).not.toBe(spare?.id ?? "");
    expect(spare?.ended).toBeDefined();
  });
});

describe("the pool", () => {
  test("takes no room of running machines, and prepares only where there is room for a job besides", async () => {
    const { clock, cloud, start, keeps, lease, waiting, working } = scene({ warm: 3 }, { limit_total: 2 });
    const boot = cloud.habits.boot;
    delete cloud.habits.boot;
    start();
    await passing(clock, () => cloud.living().length === 1);
    await keeps(3);
    expect(cloud.living().length).toBe(1);
    if (boot) cloud.habits.boot = boot;
    for (const one of cloud.living()) cloud.stop(one);
    await passing(clock, () => waiting().length === 3);
    lease(J1, J2);
    await passing(clock, () => working().length === 2);
    await keeps(3);
    expect([working().length, waiting().length]).toEqual([2, 1]);
  });

  test("is there in its hours alone", async () => {
    // The clock begins on a Thursday, at midnight.
    const { clock, cloud, byHand, waiting } = scene({ warm_hours: "Mon-Fri 01:00-02:00" });
    const { keep } = byHand();
    await keep();
    expect(cloud.instances.size).toBe(0);
    await clock.advance(HOUR);
    await keep();
    expect(waiting().length).toBe(1);
    await clock.advance(HOUR);
    await keep();
    expect(cloud.living()).toEqual([]);
  });

  test("waits in no greater number than warm_max_cost pays for", async () => {
    // 20 GiB at 0.1 cost 2 a month, and half of that in half of the hours.
    const { cloud, byHand, waiting } = scene({ warm: 4, warm_max_cost: 5 }, { volume_gb_month: 0.1 });
    await byHand().keep();
    expect([waiting().length, cloud.instances.size]).toEqual([2, 2]);
    const halfOfTheDay = scene({ warm: 9, warm_max_cost: 5, warm_hours: "Sun-Sat 00:00-12:00" }, { volume_gb_month: 0.1 });
    await halfOfTheDay.byHand().keep();
    expect(halfOfTheDay.waiting().length).toBe(5);
  });

  test("is ended when there was no job for warm_max_idle, until there is one again", async () => {
    const { clock, byHand, waiting } = scene({ warm_max_idle: 2 });
    const { aws, keep, job } = byHand();
    const after = async (ms: number) => {
      await clock.advance(ms);
      await keep();
      return waiting().length;
    };
    expect([await after(0), await after(HOUR)]).toEqual([1, 1]);
    await aws.create(job());
    expect([await after(HOUR), await after(HOUR - 1), await after(1), await after(HOUR)]).toEqual([1, 1, 0, 0]);
    await aws.create(job());
    expect(await after(0)).toBe(1);
  });

  test("is ended when its target has none any more, when there are too many, and when the factory drains", async () => {
    const { clock, core, config, cloud, start, waiting } = scene({ warm: 3 });
    let factory = start();
    const next = async (warm: number) => {
      await factory.stop();
      Object.assign(config.targets["default"] ?? {}, { warm });
      factory = start();
    };
    await passing(clock, () => waiting().length === 3);
    await next(2);
    await passing(clock, () => waiting().length === 2);
    core.draining = true;
    await passing(clock, () => cloud.living().length === 0);
    core.draining = false;
    await passing(clock, () => waiting().length === 2);
    await next(0);
    await passing(clock, () => cloud.living().length === 0);
  });

  test("is on demand, where the target's other machines are spot", async () => {
    const { clock, start, waiting } = scene({ spot: true });
    start();
    await passing(clock, () => waiting().length === 1);
    expect(waiting()[0]?.spot).toBe(false);
  });

  test("has each of its instances once, although EC2 shows them late", async () => {
    const { clock, cloud, start, keeps, waiting } = scene();
    cloud.habits.shownAfter = MINUTE;
    start();
    await passing(clock, () => cloud.instances.size === 1);
    await keeps(8);
    expect([cloud.instances.size, waiting().length]).toEqual([1, 1]);
  });
});
