import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { passing, until } from "../fixture/until.ts";
import { regionScene } from "./fixture/region.ts";
import { J1, J2, J3, MINUTE } from "./fixture/scene.ts";

/**
 * What holds with any EC2: these tests look into it through its own API alone. They run with the fake, and in
 * scripts/conformance with moto, which others wrote.
 */

setDefaultTimeout(60_000);

describe("a leased job", () => {
  test("gets an instance as the config has it, which is announced before its agent can come", async () => {
    await using scene = await regionScene({ public_ip: true });
    const { core, places } = scene;
    scene.start();
    scene.lease(J1);
    await until(() => [...core.workers.values()].some((worker) => worker.private !== null));
    const [instance] = await scene.living();
    const [worker] = core.workers.values();
    expect(worker?.private).toBe(instance?.InstanceId ?? "");
    expect(Object.fromEntries((instance?.Tags ?? []).map(({ Key = "", Value }) => [Key, Value]))).toEqual({
      Name: `w-${worker?.id.toLowerCase()}`,
      bmat: "1",
      "bmat-worker_id": worker?.id ?? "",
      "bmat-lease_id": J1,
      "bmat-target": "default",
      "bmat-factory": "this",
    });
    expect(instance).toMatchObject({
      ImageId: places.ami,
      InstanceType: "m5.large",
      KeyName: places.key,
      VpcId: places.vpc,
      SubnetId: places.subnet[0],
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
    });
    expect(core.bodies[core.calls.indexOf(`PATCH worker/${worker?.id}`)]).toMatchObject({
      private: instance?.InstanceId,
      ip: instance?.PrivateIpAddress,
      metadata: { v: "1" },
      details: {
        instance_type: "m5.large",
        zone: instance?.Placement?.AvailabilityZone,
        image: places.ami,
        market: "on demand",
      },
    });
  });

  test("finds in its user data the core's install script, with the core's address, the bootstrap key and its name", async () => {
    await using scene = await regionScene();
    scene.start();
    scene.lease(J1);
    await until(async () => (await scene.living()).length === 1);
    const [instance] = await scene.living();
    const [worker] = scene.core.workers.values();
    const shell = Bun.spawnSync(["sh", "-c", await scene.userDataOf(instance?.InstanceId ?? "")]);
    const base = scene.core.url.replace(/\/$/, "");
    expect(shell.stdout.toString()).toBe(`${base} ${worker?.bootstrap} w-${worker?.id.toLowerCase()}\n`);
  });

  test("is launched along with others, but no more than limit_total", async () => {
    await using scene = await regionScene({ limit_total: 2 });
    scene.start();
    scene.lease(J1, J2, J3);
    await until(async () => (await scene.living()).length === 2);
    await scene.looks(3);
    expect((await scene.living()).length).toBe(2);
    expect(scene.core.queue.map(({ job }) => job)).toEqual([J3]);
  });

  test("waits where its target has its limit", async () => {
    await using scene = await regionScene({}, { limit: 1 });
    scene.start();
    scene.lease(J1, J2);
    await until(async () => (await scene.living()).length === 1);
    await scene.looks(3);
    expect((await scene.living()).length).toBe(1);
  });
});

describe("a prepared instance", () => {
  test("waits stopped, and is not taken for one that has stopped in the middle of its work", async () => {
    await using scene = await regionScene({}, { warm: 1 });
    scene.start();
    await passing(scene.clock, async () => (await scene.living()).length === 1);
    const [{ InstanceId: id = "" } = {}] = await scene.living();
    expect(await scene.userDataOf(id)).toContain("--prepare");
    // As it does by itself, when it is prepared.
    await scene.stop(id);
    await scene.looks(3);
    expect((await scene.living()).map(({ InstanceId }) => InstanceId)).toEqual([id]);
  });
});

describe("an instance", () => {
  test("without a usable worker tag is left alone", async () => {
    await using scene = await regionScene();
    const strangers = [await scene.instance(undefined), await scene.instance("not-a-ulid")];
    scene.start();
    await scene.looks();
    expect(await scene.lives(...strangers)).toBe(true);
  });

  test("of another factory with the same tag is left alone, whichever core that belongs to", async () => {
    await using scene = await regionScene();
    const { core, clock } = scene;
    const foreign = core.worker();
    core.foreign.add(foreign.id);
    core.workers.delete(foreign.id);
    const sameCore = await scene.instance(foreign.id);
    const otherCore = await scene.instance(clock.id(), { "bmat-factory": "another" });
    scene.start();
    await scene.looks();
    expect(await scene.lives(sameCore, otherCore)).toBe(true);
  });

  test("whose worker the core does not know is terminated", async () => {
    await using scene = await regionScene();
    const id = await scene.instance(scene.clock.id());
    scene.start();
    await until(async () => scene.calls.includes("TerminateInstances ok") && !(await scene.lives(id)));
  });

  test("whose worker has another instance is left alone, and somebody told", async () => {
    await using scene = await regionScene();
    const id = await scene.instance(scene.core.worker({ private: "i-other" }).id);
    scene.start();
    await scene.looks();
    expect(await scene.lives(id)).toBe(true);
    expect(scene.said.join()).toContain("the worker has another machine");
  });

  test("that an earlier factory launched, but could not announce, is announced as its target wants it", async () => {
    await using scene = await regionScene();
    const { core } = scene;
    const worker = core.worker({ online: false });
    const id = await scene.instance(worker.id);
    scene.start();
    await until(() => worker.private === id);
    expect(core.bodies[core.calls.indexOf(`PATCH worker/${worker.id}`)]).toMatchObject({ private: id, metadata: { v: "1" } });
  });

  test("of a target that the config does not have any more is announced too, so that its job ends", async () => {
    await using scene = await regionScene();
    const worker = scene.core.worker({ online: false });
    const id = await scene.instance(worker.id, { "bmat-target": "former" });
    scene.start();
    await until(() => worker.private === id);
  });

  test("whose worker is held is left alone, but its lease is renewed while its agent has not come", async () => {
    await using scene = await regionScene();
    const { id } = await scene.pair({ hold: true, online: false, recycle: true });
    scene.start();
    await scene.looks();
    expect(await scene.lives(id)).toBe(true);
    expect(scene.renewals()).toContain(`POST lease/${J1}`);
  });

  test("whose worker is to be recycled is terminated", async () => {
    await using scene = await regionScene();
    const { worker, id } = await scene.pair({ recycle: true });
    scene.start();
    await until(async () => scene.deletes(worker) && !(await scene.lives(id)));
  });

  test("that has stopped by itself is terminated, and its last words are kept", async () => {
    await using scene = await regionScene();
    const { worker, id } = await scene.pair();
    await scene.stop(id);
    scene.start();
    await until(async () => scene.deletes(worker) && !(await scene.lives(id)));
    expect(scene.calls).toContain("GetConsoleOutput ok");
  });

  test("at work is left alone", async () => {
    await using scene = await regionScene();
    const { id } = await scene.pair();
    scene.start();
    await scene.looks();
    expect(await scene.lives(id)).toBe(true);
    expect([scene.core.deeds, scene.renewals()]).toEqual([[], []]);
  });

  test("that cannot be attended to holds up no other", async () => {
    await using scene = await regionScene();
    const broken = scene.core.worker({ online: false });
    await scene.instance(broken.id);
    scene.core.failing.set(`PATCH worker/${broken.id}`, 409);
    const { id } = await scene.pair({ recycle: true });
    scene.start();
    await until(async () => !(await scene.lives(id)));
  });

  test("lives on when the factory stops, and is known to the next", async () => {
    await using scene = await regionScene();
    const { worker, id } = await scene.pair();
    const first = scene.start();
    await scene.looks();
    await first.stop();
    expect([await scene.lives(id), scene.core.deeds]).toEqual([true, []]);
    worker.recycle = true;
    scene.start();
    await until(async () => !(await scene.lives(id)));
  });
});

describe("a worker", () => {
  test("that is held is kept, even without an instance", async () => {
    await using scene = await regionScene();
    const worker = scene.core.worker({ hold: true, private: "i-00000000000000000" }, 60 * MINUTE);
    scene.start();
    await scene.looks();
    expect(scene.deletes(worker)).toBe(false);
  });

  test("without an instance's name is deleted, as the debris of a failed launch, but not before it had its time", async () => {
    await using scene = await regionScene();
    const worker = scene.core.worker({ online: false });
    scene.start();
    await scene.looks();
    expect(scene.deletes(worker)).toBe(false);
    await passing(scene.clock, () => scene.deletes(worker));
  });

  test("is deleted when its instance has been terminated", async () => {
    await using scene = await regionScene();
    const { worker, id } = await scene.pair();
    await scene.terminate(id);
    scene.start();
    await until(() => scene.deletes(worker));
    expect(scene.calls).not.toContain("TerminateInstances ok");
  });

  test("whose agent has not come after eight minutes is deleted, and its instance terminated", async () => {
    await using scene = await regionScene();
    const { worker, id } = await scene.pair({ online: false }, 9 * MINUTE);
    scene.start();
    await until(async () => scene.deletes(worker) && !(await scene.lives(id)));
  });

  test("whose agent has not come after seven minutes is kept", async () => {
    await using scene = await regionScene();
    const { worker, id } = await scene.pair({ online: false }, 7 * MINUTE);
    scene.start();
    await scene.looks();
    expect([await scene.lives(id), scene.deletes(worker)]).toEqual([true, false]);
  });

  test("of an instance that is not shown at all is deleted after that grace", async () => {
    await using scene = await regionScene();
    const young = scene.core.worker({ private: "i-00000000000000000" });
    const old = scene.core.worker({ private: "i-00000000000000001" }, 3 * MINUTE);
    scene.start();
    await until(() => scene.deletes(old));
    await scene.looks(1);
    expect(scene.deletes(young)).toBe(false);
  });
});
