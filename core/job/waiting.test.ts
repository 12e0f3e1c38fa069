import { expect, test } from "bun:test";
import { manualWorld } from "../../test/fixture/manual-world.ts";
import { aFactory, aJob, aWorker, type TestServer, testServer } from "../fixture.ts";

/** A server with a factory that serves `default`, and a user. @param most jobs of a user that may run at a time */
async function scene(most?: number) {
  const world = manualWorld();
  const server = await testServer(most === undefined ? {} : { quota: { max_running_jobs: most } }, world);
  const factory = await aFactory(server);
  const { client } = await server.user("alice");
  const submit = async (changes: object = {}) => (await client.call("job_submit", { body: aJob(changes) })).id;
  const why = async (job: string) => (await client.call("job_get", { path: { job } })).waiting_for;
  const lease = async (of = factory) =>
    (await of.client.call("factory_lease", { body: { supported_targets: [of.target] } })).lease?.job ?? null;
  return { world, server, factory, client, submit, why, lease, path: { factory: factory.id } };
}

const NEXT = 'a machine: it is the next job for target "default"';
const serving = (what: string) => `a factory that serves target "default": ${what}`;

test("inputs by name, and other jobs with what they are at", async () => {
  const { server, submit, why } = await scene();
  await using _ = server;
  const prior = await submit();
  const depends = { lib: { prior_job: prior, copy_outputs: true, on_completed: true, on_failed: false } };
  expect(await why(await submit({ inputs: ["b.tar", "a.tar"], depends }))).toEqual([
    'input "a.tar", which has not been uploaded',
    'input "b.tar", which has not been uploaded',
    `job ${prior} (dependency "lib"), which is queued`,
  ]);
});

test("a factory: one that there never was, is silent, disabled or draining, and the end of a hold", async () => {
  const { world, server, factory, submit, why, lease, path } = await scene();
  await using _ = server;
  const job = await submit({ inputs: [] });
  expect(await why(job)).toEqual([serving("none has ever asked for its jobs")]);
  await server.admin.call("factory_disable", { path });
  expect(await lease()).toBeNull();
  expect(await why(job)).toEqual([serving('"box" is disabled')]);
  const other = await aFactory(server, "other");
  await server.admin.call("control_hold", {});
  expect(await lease(other)).toBeNull();
  expect(await why(job)).toEqual(["the end of the hold of all factories, which an operator has set"]);
  await server.admin.call("control_resume", {});
  await server.admin.call("factory_drain", { path });
  await world.advance(150_000);
  expect(await why(job)).toEqual([serving('"box" is draining, "other" was last heard of 2 m 30 s ago')]);
  await other.client.call("factory_ping", {});
  expect(await why(job)).toEqual([NEXT]);
  expect(await lease(other)).toBe(job);
  expect(await why(job)).toEqual(['factory "other", which is making a machine for it']);
  const worker = await aWorker(server, other, job);
  expect(await why(job)).toEqual([]);
  expect(factory.target).toBe(other.target);
  await worker.client.call("worker_job_complete", { path: { job }, body: { failed: true } });
  expect(await why(job)).toEqual([]);
});

test("a machine that could not be made, and why, of which the log is told now and then", async () => {
  const { world, server, factory, client, submit, why, lease } = await scene();
  await using _ = server;
  const job = await submit();
  const other = await aFactory(server, "other");
  const fails = (reason: string, by = factory) => by.client.call("factory_lease_failure", { path: { job }, body: { reason } });
  const told = async () =>
    (await client.call("job_events_get", { path: { job } }))
      .map(({ payload }) => payload)
      .filter((text) => /machine:/.test(text));
  const first = 'factory "box" could not make a machine: the image is gone';
  expect(await lease()).toBe(job);
  expect(await fails("no capacity", other)).toBe(false);
  expect(await fails("the image is gone")).toBe(true);
  await world.advance(20_000);
  expect(await why(job)).toEqual([
    'factory "box", which is making a machine for it (20 s ago, factory "box" could make none: the image is gone)',
  ]);
  expect(await other.client.call("factory_lease_give_back", { path: { job } })).toBe(false);
  expect(await factory.client.call("factory_lease_give_back", { path: { job } })).toBe(true);
  await world.advance(60_000);
  expect(await why(job)).toEqual(['a machine: 1 m 20 s ago, factory "box" could make none: the image is gone']);
  await fails("the image is gone");
  await fails("no capacity");
  expect(await told()).toEqual([first]);
  expect(await why(job)).toEqual(['a machine: 0 s ago, factory "box" could make none: no capacity']);
  await world.advance(600_000);
  await fails("no capacity");
  await fails("an older one", other);
  expect(await told()).toEqual([first, 'factory "box" could not make a machine: no capacity']);
  await aWorker(server, factory, job);
  expect(await why(job)).toEqual([]);
  expect(await fails("too late")).toBe(false);
  await world.advance(60_000);
  expect(server.core.db.query("SELECT * FROM making_failure").all()).toEqual([]);
});

test("its turn, among the jobs of its target", async () => {
  const { server, submit, why, lease } = await scene();
  await using _ = server;
  expect(await lease()).toBeNull();
  await server.admin.call("target_create", { body: { name: "elsewhere", desc: "" } });
  await submit({ target: "elsewhere" });
  const jobs = [await submit(), await submit(), await submit()];
  expect(await why(jobs[0] ?? "")).toEqual([NEXT]);
  expect(await why(jobs[1] ?? "")).toEqual(['its turn: 1 job is before it in the queue for target "default"']);
  expect(await why(jobs[2] ?? "")).toEqual(['its turn: 2 jobs are before it in the queue for target "default"']);
});

test("the end of a lost machine, where it is tried again", async () => {
  const { server, factory, submit, why } = await scene();
  await using _ = server;
  const job = await submit({ retries_on_lost_worker: 1 });
  const worker = await aWorker(server, factory, job);
  await worker.client.call("worker_fail", { body: {} });
  expect(await why(job)).toEqual([
    `the machine of worker ${worker.id}, which was lost, to be destroyed: only then can it be tried again`,
  ]);
});

/** Until the scheduler has looked at everything that has rung by now. */
async function passed(server: TestServer): Promise<void> {
  const { bells } = server.core;
  const heard = bells.version("worker probe");
  setTimeout(() => bells.ring("worker probe"), 20);
  await bells.wait("worker probe", heard, AbortSignal.timeout(10_000));
}

test("a user's limit of jobs that run at a time: others overtake, and the next one runs when one has ended", async () => {
  const { server, factory, client, submit, why, lease } = await scene(1);
  await using _ = server;
  const [first, second] = [await submit(), await submit()];
  const bob = await server.user("bob");
  const { id: third } = await bob.client.call("job_submit", { body: aJob() });
  expect(await lease()).toBe(first);
  expect(await lease()).toBe(third);
  expect(await lease()).toBeNull();
  const limit = 'another job of user "alice" to end: 1 may run at a time';
  expect(await why(second)).toContain(limit);
  const worker = await aWorker(server, factory, first);
  await aWorker(server, factory);
  await aWorker(server, factory);
  await passed(server);
  expect(await bob.client.call("job_get", { path: { job: third } })).toMatchObject({ state: "running" });
  expect(await client.call("job_get", { path: { job: second } })).toMatchObject({ state: "queued" });
  expect(await why(second)).toContain(limit);
  const heard = server.core.bells.version(`job ${second}`);
  await worker.client.call("worker_job_complete", { path: { job: first }, body: { failed: true } });
  await server.core.bells.wait(`job ${second}`, heard, AbortSignal.timeout(10_000));
  expect(await client.call("job_get", { path: { job: second } })).toMatchObject({ state: "running" });
});
