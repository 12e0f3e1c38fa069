import { describe, expect, test } from "bun:test";
import { manualWorld } from "../../test/fixture/manual-world.ts";
import { aFactory, aJob, testServer } from "../fixture.ts";

const SECOND = 1000;

/** A server whose clock the test moves, a factory that does one thing at a time, and what became of a job, in seconds since the start. */
async function aScene() {
  const world = manualWorld();
  const start = world.now();
  const server = await testServer({}, world);
  const factory = await aFactory(server);
  const alice = await server.user("alice");
  const job = async (id: string) => await alice.client.call("job_get", { path: { job: id } });
  const since = (times: Record<string, string>) =>
    Object.entries(times).map(([name, time]) => `${name} ${(Date.parse(time) - start) / SECOND}`);
  return {
    server,
    pass: (seconds: number) => world.advance(seconds * SECOND),
    submit: async (more = {}) => (await alice.client.call("job_submit", { body: aJob(more) })).id,
    cancel: (id: string) => alice.client.call("job_cancel", { path: { job: id } }),
    lease: async () =>
      (await factory.client.call("factory_lease", { body: { supported_targets: [factory.target] }, query: {} })).lease?.job,
    launch: (id?: string) =>
      factory.client.call("factory_worker_create", { body: { target: factory.target, ...(id ? { job: id } : {}) } }),
    /** The agent of a launched machine comes. */
    boot: async ({ id, bootstrap }: { id: string; bootstrap: string }) => {
      await factory.client.call("factory_worker_associate", { path: { worker: id }, body: { private: id } });
      await server.client("none").call("worker_bootstrap", { body: { bootstrap, token: `agent-token-${id}` } });
      return server.client(`agent-token-${id}`);
    },
    destroy: (worker: { id: string }) => factory.client.call("factory_worker_destroy", { path: { worker: worker.id } }),
    times: async (id: string) => since((await job(id)).times),
    attempts: async (id: string) =>
      ((await job(id)).attempts ?? []).map(({ times, phases }) => ({ times: since(times), phases })),
    /** Lines of /metrics about waiting, without the buckets. */
    metrics: async () =>
      (await (await fetch(`${server.url}/metrics`)).text())
        .split("\n")
        .filter((line) => /^buildomat_(job|worker)_[a-z]+_seconds_(sum|count)/.test(line)),
  };
}

describe("the moments of a job", () => {
  test("whose machine is launched for it: queue, boot, handover and run follow each other", async () => {
    const scene = await aScene();
    await using _ = scene.server;
    const job = await scene.submit();
    await scene.pass(3);
    expect(await scene.lease()).toBe(job);
    await scene.pass(2);
    const worker = await scene.launch();
    await scene.pass(41);
    const agent = await scene.boot(worker);
    await scene.pass(0);
    expect((await scene.attempts(job))[0]?.phases).toEqual({ queue: 5, boot: 41, handover: 0, run: null });
    await scene.pass(60);
    await agent.call("worker_job_complete", { path: { job }, body: { failed: false } });
    const times = ["submit 0", "ready 0", "leased 3", "launched 5", "online 46", "assigned 46", "complete 106"];
    expect(await scene.times(job)).toEqual(times);
    expect(await scene.attempts(job)).toEqual([{ times, phases: { queue: 5, boot: 41, handover: 0, run: 60 } }]);
  });

  test("whose machine has it from the start: it does not run before its agent is there", async () => {
    const scene = await aScene();
    await using _ = scene.server;
    const job = await scene.submit();
    await scene.pass(1);
    const worker = await scene.launch(job);
    await scene.pass(2);
    expect((await scene.attempts(job))[0]?.phases).toEqual({ queue: 1, boot: null, handover: null, run: null });
    const agent = await scene.boot(worker);
    await scene.pass(4);
    await agent.call("worker_job_complete", { path: { job }, body: { failed: false } });
    expect(await scene.times(job)).toEqual(["submit 0", "ready 0", "launched 1", "assigned 1", "online 3", "complete 7"]);
    expect((await scene.attempts(job))[0]?.phases).toEqual({ queue: 1, boot: 2, handover: 0, run: 4 });
  });

  test("whose machine has waited: it is told when that was, and that no boot was waited for", async () => {
    const scene = await aScene();
    await using _ = scene.server;
    const worker = await scene.launch();
    await scene.pass(40);
    await scene.boot(worker);
    await scene.pass(20);
    const job = await scene.submit();
    await scene.pass(0);
    expect(await scene.times(job)).toEqual(["launched 0", "online 40", "submit 60", "ready 60", "assigned 60"]);
    expect((await scene.attempts(job))[0]?.phases).toEqual({ queue: 0, boot: 0, handover: 0, run: null });
  });

  test("that came while a machine was booting: only the rest of that was waited for", async () => {
    const scene = await aScene();
    await using _ = scene.server;
    const worker = await scene.launch();
    await scene.pass(30);
    const job = await scene.submit();
    await scene.pass(10);
    await scene.boot(worker);
    await scene.pass(0);
    expect((await scene.attempts(job))[0]?.phases).toEqual({ queue: 0, boot: 10, handover: 0, run: null });
  });

  test("that is tried again: each attempt has its own; the job has the beginning of the first, and the last one's others", async () => {
    const scene = await aScene();
    await using _ = scene.server;
    const job = await scene.submit({ retries_on_lost_worker: 1 });
    await scene.lease();
    const lost = await scene.launch(job);
    await scene.boot(lost);
    await scene.pass(10);
    await scene.destroy(lost);
    await scene.pass(5);
    await scene.lease();
    await scene.pass(1);
    await scene.launch(job);
    expect(await scene.attempts(job)).toEqual([
      {
        times: ["submit 0", "ready 0", "leased 0", "launched 0", "online 0", "assigned 0"],
        phases: { queue: 0, boot: 0, handover: 0, run: null },
      },
      {
        times: ["ready 10", "leased 15", "launched 16", "assigned 16"],
        phases: { queue: 6, boot: null, handover: null, run: null },
      },
    ]);
    expect(await scene.times(job)).toEqual(["submit 0", "ready 0", "leased 15", "launched 16", "assigned 16"]);
  });

  test("the first lease counts, and an agent that comes after the end does not", async () => {
    const scene = await aScene();
    await using _ = scene.server;
    const job = await scene.submit();
    await scene.lease();
    await scene.pass(61);
    expect(await scene.lease()).toBe(job);
    const worker = await scene.launch(job);
    await scene.cancel(job);
    await scene.pass(1);
    await scene.boot(worker);
    const times = await scene.times(job);
    expect(times.slice(2)).toEqual(["leased 0", "launched 61", "assigned 61", "complete 61"]);
    expect((await scene.attempts(job))[0]?.phases).toEqual({ queue: 61, boot: null, handover: null, run: null });
  });
});

test("how long jobs wait and machines take to come is counted for each target", async () => {
  const scene = await aScene();
  await using _ = scene.server;
  await scene.submit();
  await scene.pass(3);
  const worker = await scene.launch();
  await scene.pass(40);
  expect(await scene.metrics()).toEqual([]);
  await scene.boot(worker);
  await scene.pass(0);
  const second = await scene.launch(await scene.submit());
  await scene.pass(2);
  await scene.boot(second);
  const label = '{target="default"}';
  expect((await scene.metrics()).sort()).toEqual([
    `buildomat_job_queue_seconds_count${label} 2`,
    `buildomat_job_queue_seconds_sum${label} 3`,
    `buildomat_job_start_seconds_count${label} 2`,
    `buildomat_job_start_seconds_sum${label} 45`,
    `buildomat_worker_boot_seconds_count${label} 2`,
    `buildomat_worker_boot_seconds_sum${label} 42`,
  ]);
  const text = await (await fetch(`${scene.server.url}/metrics`)).text();
  expect(text).toContain(`buildomat_worker_boot_seconds_bucket{target="default",le="30"} 1\n`);
  expect(text).toContain(`buildomat_worker_boot_seconds_bucket{target="default",le="60"} 2\n`);
});
