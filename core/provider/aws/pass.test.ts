import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Instance } from "../../../test/fake/ec2/cloud.ts";
import type { FactoryWorker } from "../../client/operations.ts";
import { passing, until } from "../fixture/until.ts";
import { J1, MINUTE, scene as newScene } from "./fixture/scene.ts";

setDefaultTimeout(30_000);

const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

/** A factory that starts on what is there already. */
function scene() {
  const made = newScene();
  ending.push(made.close);
  const { core, cloud, clock, ec2 } = made;
  const start = () => {
    const factory = made.start();
    factory.failed.catch(() => {});
    ending.push(factory.stop);
    return factory;
  };
  const looks = async (times = 2) => {
    const seen = () => ec2.calls.filter((call) => call === "DescribeInstances ok").length;
    const before = seen();
    await passing(clock, () => seen() >= before + times);
  };
  const lives = (instance: Instance) => instance.ended === undefined;
  const deletes = (worker: FactoryWorker) => core.deeds.includes(`DELETE worker/${worker.id}`);
  const renewals = () => core.deeds.filter((deed) => deed.startsWith("POST lease/"));
  return { ...made, cloud, start, looks, lives, deletes, renewals };
}

describe("an instance", () => {
  test("without a usable worker tag is left alone", async () => {
    const { instance, start, looks, lives } = scene();
    const strangers = [instance(undefined), instance("not-a-ulid")];
    start();
    await looks();
    expect(strangers.map(lives)).toEqual([true, true]);
  });

  test("of another factory with the same tag is left alone, whichever core that belongs to", async () => {
    const { core, clock, instance, start, looks, lives } = scene();
    const foreign = core.worker();
    core.foreign.add(foreign.id);
    core.workers.delete(foreign.id);
    const sameCore = instance(foreign.id);
    const otherCore = instance(clock.id(), { "bmat-factory": "another" });
    start();
    await looks();
    expect([sameCore, otherCore].map(lives)).toEqual([true, true]);
  });

  test("whose worker the core does not know is terminated, at once and without its system's consent", async () => {
    const { clock, ec2, instance, start, lives } = scene();
    const machine = instance(clock.id());
    start();
    await until(() => !lives(machine));
    expect(ec2.calls).toContain("TerminateInstances ok");
  });

  test("whose worker has another instance is left alone, and somebody told", async () => {
    const { core, instance, start, looks, lives, said } = scene();
    const machine = instance(core.worker({ private: "i-other" }).id);
    start();
    await looks();
    expect(lives(machine)).toBe(true);
    expect(said.join()).toContain("the worker has another machine");
  });

  test("that an earlier factory launched, but could not announce, is announced as its target wants it", async () => {
    const { core, instance, start } = scene();
    const worker = core.worker({ online: false });
    const machine = instance(worker.id);
    start();
    await until(() => worker.private === machine.id);
    expect(core.bodies[core.calls.indexOf(`PATCH worker/${worker.id}`)]).toMatchObject({
      private: machine.id,
      ip: machine.ip,
      metadata: { v: "1" },
    });
  });

  test("of a target that the config does not have any more is announced too, so that its job ends", async () => {
    const { core, instance, start } = scene();
    const worker = core.worker({ online: false });
    const machine = instance(worker.id, { "bmat-target": "former" });
    start();
    await until(() => worker.private === machine.id);
  });

  test("whose worker is held is left alone, but its lease is renewed while its agent has not come", async () => {
    const { pair, start, looks, lives, renewals } = scene();
    const { machine } = pair({ hold: true, online: false, recycle: true });
    start();
    await looks();
    expect(lives(machine)).toBe(true);
    expect(renewals()).toContain(`POST lease/${J1}`);
  });

  test("whose worker is to be recycled is terminated", async () => {
    const { pair, start, lives, deletes } = scene();
    const { worker, machine } = pair({ recycle: true });
    start();
    await until(() => !lives(machine) && deletes(worker));
  });

  test("that has stopped by itself is terminated, and its last words are kept", async () => {
    const { core, cloud, pair, start, lives, deletes } = scene();
    const { worker, machine } = pair();
    machine.console = "booting\r\nreboot: Power down\n";
    cloud.stop(machine);
    start();
    await until(() => !lives(machine) && deletes(worker));
    const said = core.bodies[core.calls.findIndex((call) => call.startsWith(`POST worker/${worker.id}/append`))];
    expect((said as { payload: string }[]).map(({ payload }) => payload)).toEqual(["booting", "reboot: Power down"]);
  });

  test("that boots has its job's lease renewed", async () => {
    const { cloud, pair, start, looks, renewals } = scene();
    cloud.habits.bootsAfter = MINUTE;
    pair({ online: false });
    start();
    await looks();
    expect(renewals()).toContain(`POST lease/${J1}`);
  });

  test("at work is left alone", async () => {
    const { core, pair, start, looks, lives, renewals } = scene();
    const { machine } = pair();
    start();
    await looks();
    expect(lives(machine)).toBe(true);
    expect([core.deeds, renewals()]).toEqual([[], []]);
  });

  test("that is ending is not terminated again, nor its worker deleted before it is gone", async () => {
    const { cloud, ec2, pair, start, looks, deletes } = scene();
    cloud.habits.endsAfter = MINUTE;
    const { worker } = pair({ recycle: true });
    start();
    await until(() => ec2.calls.includes("TerminateInstances ok"));
    await looks(3);
    expect(deletes(worker)).toBe(false);
    expect(ec2.calls.filter((call) => call.startsWith("Terminate")).length).toBe(1);
  });

  test("on a later page is seen", async () => {
    const { clock, cloud, instance, start, lives } = scene();
    cloud.habits.page = 2;
    const machines = Array.from({ length: 5 }, () => instance(clock.id()));
    start();
    await until(() => !machines.some(lives));
  });

  test("that cannot be attended to holds up no other", async () => {
    const { core, instance, pair, start, lives } = scene();
    const broken = core.worker({ online: false });
    instance(broken.id);
    core.failing.set(`PATCH worker/${broken.id}`, 409);
    const { machine } = pair({ recycle: true });
    start();
    await until(() => !lives(machine));
  });

  test("is looked at again after EC2 could not be asked", async () => {
    const { clock, cloud, pair, said, start, lives } = scene();
    cloud.habits.refused.set("DescribeInstances", "UnauthorizedOperation");
    const { machine } = pair({ recycle: true });
    start();
    await until(() => said.join().includes("could not look at the machines"));
    cloud.habits.refused.clear();
    await passing(clock, () => !lives(machine));
  });

  test("lives on when the factory stops, and is known to the next", async () => {
    const { core, pair, start, looks, lives } = scene();
    const { worker, machine } = pair();
    const first = start();
    await looks();
    await first.stop();
    expect([lives(machine), core.deeds]).toEqual([true, []]);
    worker.recycle = true;
    start();
    await until(() => !lives(machine));
  });
});

describe("a worker", () => {
  test("that is held is kept, even without an instance", async () => {
    const { core, start, looks, deletes } = scene();
    const worker = core.worker({ hold: true, private: "i-gone" }, 60 * MINUTE);
    start();
    await looks();
    expect(deletes(worker)).toBe(false);
  });

  test("without an instance's name is deleted, as the debris of a failed launch, but not before it had its time", async () => {
    const { clock, core, start, looks, deletes } = scene();
    const worker = core.worker({ online: false });
    start();
    await looks();
    expect(deletes(worker)).toBe(false);
    await passing(clock, () => deletes(worker));
  });

  test("is deleted when its instance has been terminated", async () => {
    const { cloud, pair, start, deletes, ec2 } = scene();
    const { worker, machine } = pair();
    cloud.terminate(machine.id);
    start();
    await until(() => deletes(worker));
    expect(ec2.calls).not.toContain("TerminateInstances ok");
  });

  test("whose agent has not come after eight minutes is deleted, its instance terminated and its console kept", async () => {
    const { core, pair, start, lives, deletes } = scene();
    const { worker, machine } = pair({ online: false }, 9 * MINUTE);
    machine.console = "no route to host\n";
    start();
    await until(() => !lives(machine) && deletes(worker));
    expect(JSON.stringify(core.bodies)).toContain("no route to host");
  });

  test("whose agent has not come after seven minutes is kept", async () => {
    const { pair, start, looks, lives, deletes } = scene();
    const { worker, machine } = pair({ online: false }, 7 * MINUTE);
    start();
    await looks();
    expect([lives(machine), deletes(worker)]).toEqual([true, false]);
  });

  test("whose new instance is not shown yet is kept", async () => {
    const { clock, core, cloud, start, lease, looks } = scene();
    cloud.habits.shownAfter = MINUTE;
    start();
    lease(J1);
    await until(() => cloud.living().length === 1);
    await looks(3);
    await clock.advance(2 * MINUTE);
    await looks();
    expect(core.deeds.filter((deed) => deed.startsWith("DELETE"))).toEqual([]);
    expect([core.workers.size, cloud.living().length]).toEqual([1, 1]);
  });

  test("of an instance that is not shown at all is deleted after that grace", async () => {
    const { core, start, looks, deletes } = scene();
    const young = core.worker({ private: "i-0" });
    const old = core.worker({ private: "i-1" }, 3 * MINUTE);
    start();
    await until(() => deletes(old));
    await looks(1);
    expect(deletes(young)).toBe(false);
  });
});
