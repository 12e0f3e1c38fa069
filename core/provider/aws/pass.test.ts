import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Instance } from "../../../test/fake/ec2/cloud.ts";
import type { FactoryWorker } from "../../client/operations.ts";
import { passing, until } from "../fixture/until.ts";
import { awsTarget, endScenes, J1, MINUTE, scene as newScene } from "./fixture/scene.ts";

setDefaultTimeout(30_000);

afterEach(endScenes);

/** A factory that starts on what is there already. */
function scene(changes: object = {}) {
  const made = newScene(changes);
  const { core } = made;
  const lives = (instance: Instance) => instance.ended === undefined;
  const deletes = (worker: FactoryWorker) => core.deeds.includes(`DELETE worker/${worker.id}`);
  const renewals = () => core.deeds.filter((deed) => deed.startsWith("POST lease/"));
  return { ...made, lives, deletes, renewals };
}

const newSpotScene = () => scene({ targets: { default: { ...awsTarget, spot: true } } });

describe("an instance", () => {
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
    await until(() => renewals().includes(`POST lease/${J1}`));
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

  test("is looked at again after EC2 could not be asked", async () => {
    const { clock, cloud, pair, said, start, lives } = scene();
    cloud.habits.refused.set("DescribeInstances", "UnauthorizedOperation");
    const { machine } = pair({ recycle: true });
    start();
    await until(() => said.join().includes("could not look at the machines"));
    cloud.habits.refused.clear();
    await passing(clock, () => !lives(machine));
  });
});

describe("a spot instance", () => {
  test("tells its agent where notices come; one that EC2 took back is told to the core as such", async () => {
    const { core, cloud, start, lease, looks } = newSpotScene();
    start();
    lease(J1);
    await until(() => [...core.workers.values()].some((worker) => worker.private !== null));
    const [worker] = core.workers.values();
    expect(core.bodies[core.calls.indexOf(`PATCH worker/${worker?.id}`)]).toMatchObject({
      metadata: { v: "1", interruption_notices: "http://169.254.169.254" },
      details: { market: "spot" },
    });
    await looks();
    const [instance] = cloud.living();
    if (instance) cloud.takeBack(instance);
    await looks();
    expect(core.deeds).toContain(`DELETE worker/${worker?.id}?interrupted=EC2`);
  });

  test("that the factory ended itself was not taken back", async () => {
    const { core, cloud, start, lease, looks } = newSpotScene();
    start();
    lease(J1);
    await until(() => [...core.workers.values()].some((worker) => worker.private !== null));
    const [worker] = core.workers.values();
    if (worker) worker.recycle = true;
    core.changed();
    await looks(3);
    expect(cloud.living()).toEqual([]);
    expect(core.deeds).toContain(`DELETE worker/${worker?.id}`);
  });
});

describe("a worker", () => {
  test("whose agent has not come after eight minutes is deleted, its instance terminated and its console kept", async () => {
    const { core, pair, start, lives, deletes } = scene();
    const { worker, machine } = pair({ online: false }, 9 * MINUTE);
    machine.console = "no route to host\n";
    start();
    await until(() => !lives(machine) && deletes(worker));
    expect(JSON.stringify(core.bodies)).toContain("no route to host");
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
});
