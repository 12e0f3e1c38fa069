import { describe, expect, test } from "bun:test";
import { aJob } from "../../../core/fixture.ts";
import { Scene } from "../scenario/scene.ts";
import { slowly } from "./slow.ts";

const workers = (scene: Scene) => scene.factory.call("factory_workers");

/** What a job runs on; null: on nothing. */
const machineOf = async (scene: Scene, job: string) => (await scene.job(job)).attempts?.at(-1)?.worker ?? null;

describe("a job that is cancelled while it is given a machine", () => {
  test("first: gets none, and no machine is left that waits for it", async () => {
    await using scene = await Scene.open();
    const job = await scene.submit();
    expect(await scene.lease()).toBe(job);
    const body = JSON.stringify({ target: scene.target, job });
    const slow = await slowly(scene.server.url, { method: "POST", path: "/0/factory/worker", token: scene.factory.token, body });
    await scene.alice.call("job_cancel", { path: { job } });
    expect((await slow.finish()).status).toBe(409);
    expect([await workers(scene), await machineOf(scene, job)]).toEqual([[], null]);
  });

  test("at the same time, by its factory: has none, or one that goes", async () => {
    await using scene = await Scene.open();
    const job = await scene.submit();
    const [made] = await Promise.all([
      scene.factory.status("factory_worker_create", { body: { target: scene.target, job } }),
      scene.alice.call("job_cancel", { path: { job } }),
    ]);
    expect(await scene.job(job)).toMatchObject({ state: "failed", cancelled: true });
    const machine = await machineOf(scene, job);
    expect(machine !== null).toBe(made === 201);
    expect(await workers(scene)).toMatchObject(machine ? [{ id: machine, recycle: true }] : []);
  });

  test("at the same time, by the scheduler: is cancelled, and a machine goes if it had one, and only then", async () => {
    await using scene = await Scene.open();
    const worker = await scene.worker();
    const job = await scene.submit({ inputs: ["a"] });
    const commit = await scene.commit(scene.alice, "input", job, "a", "");
    await Promise.all([commit(), scene.alice.call("job_cancel", { path: { job } })]);
    await scene.world.advance(1_000);
    expect(await scene.job(job)).toMatchObject({ state: "failed", cancelled: true });
    const had = (await machineOf(scene, job)) !== null;
    expect(await workers(scene)).toMatchObject([{ id: worker.id, recycle: had }]);
  });
});

describe("a job that is submitted while a machine waits for one", () => {
  const submitSlowly = (scene: Scene) =>
    slowly(scene.server.url, { method: "POST", path: "/0/jobs", token: scene.alice.token, body: JSON.stringify(aJob()) });

  test("does not get a machine that was held meanwhile, before it is released", async () => {
    await using scene = await Scene.open();
    const { id: worker } = await scene.worker();
    const slow = await submitSlowly(scene);
    await scene.admin.call("worker_hold_mark", { path: { worker }, body: { reason: "to look at it" } });
    const { id: job } = JSON.parse((await slow.finish()).text) as { id: string };
    await scene.world.advance(1_000);
    expect([await scene.state(job), await machineOf(scene, job)]).toEqual(["queued", null]);
    await scene.admin.call("worker_hold_release", { path: { worker } });
    await scene.world.advance(1_000);
    expect([await scene.state(job), await machineOf(scene, job)]).toEqual(["running", worker]);
  });

  test.each<[string, (scene: Scene, worker: string) => Promise<unknown>]>([
    ["is recycled", ({ admin }, worker) => admin.call("worker_recycle", { path: { worker } })],
    ["is gone", ({ factory }, worker) => factory.call("factory_worker_destroy", { path: { worker } })],
  ])("does not get a machine that %s meanwhile", async (_name, end) => {
    await using scene = await Scene.open();
    const { id } = await scene.worker();
    const slow = await submitSlowly(scene);
    await end(scene, id);
    const { id: job } = JSON.parse((await slow.finish()).text) as { id: string };
    await scene.world.advance(1_000);
    expect([await scene.state(job), await machineOf(scene, job)]).toEqual(["queued", null]);
    const other = await scene.worker();
    await scene.world.advance(1_000);
    expect([await scene.state(job), await machineOf(scene, job)]).toEqual(["running", other.id]);
  });

  test("runs to its end on a machine that is held at the same time, or waits for another", async () => {
    await using scene = await Scene.open();
    const worker = await scene.worker();
    const hold = { path: { worker: worker.id }, body: { reason: "to look at it" } };
    const [job] = await Promise.all([scene.submit(), scene.admin.call("worker_hold_mark", hold)]);
    await scene.world.advance(1_000);
    const ran = (await machineOf(scene, job)) !== null;
    if (ran) await scene.finish(worker, job);
    expect(await scene.state(job)).toBe(ran ? "completed" : "queued");
    expect(await workers(scene)).toMatchObject([{ hold: true, recycle: false }]);
  });
});

describe("a machine has one job in its life", () => {
  test("also where it stays after the job's end", async () => {
    await using scene = await Scene.open();
    const first = await scene.submit();
    const worker = await scene.worker(first);
    await worker.call("worker_diagnostics_enable");
    await scene.finish(worker, first);
    const second = await scene.submit();
    await scene.world.advance(1_000);
    expect([await scene.state(second), (await worker.call("worker_ping")).job?.id]).toEqual(["queued", first]);
    await worker.call("worker_diagnostics_complete", { body: { hold: false } });
    await scene.world.advance(1_000);
    expect([await scene.state(second), (await workers(scene))[0]?.recycle]).toEqual(["queued", true]);
  });

  test("also where that job has gone on to another machine", async () => {
    await using scene = await Scene.open();
    const job = await scene.submit({ retries_on_lost_worker: 1 });
    const lost = await scene.worker(job);
    await scene.admin.call("worker_hold_mark", { path: { worker: lost.id }, body: { reason: "to look at it" } });
    await lost.call("worker_fail", { body: { reason: "out of memory" } });
    await scene.admin.call("worker_hold_release", { path: { worker: lost.id } });
    await scene.world.advance(1_000);
    expect(await machineOf(scene, job)).toBe(lost.id);
    await scene.factory.call("factory_worker_destroy", { path: { worker: lost.id } });
    const next = await scene.worker();
    await scene.world.advance(1_000);
    expect([await scene.state(job), await machineOf(scene, job)]).toEqual(["running", next.id]);
  });

  test("jobs and machines that come at once are paired, each with one", async () => {
    await using scene = await Scene.open();
    const [machines, jobs] = [
      await Promise.all(Array.from({ length: 6 }, () => scene.worker())),
      await Promise.all(Array.from({ length: 8 }, () => scene.submit())),
    ];
    await scene.world.advance(1_000);
    const pairs = await Promise.all(jobs.toSorted().map((job) => machineOf(scene, job)));
    // The oldest jobs go first.
    expect(pairs.slice(6)).toEqual([null, null]);
    expect(pairs.slice(0, 6).toSorted()).toEqual(machines.map(({ id }) => id).toSorted());
  });
});
