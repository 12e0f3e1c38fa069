import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readRecords } from "../old/sse.ts";
import { Scene } from "../scenario/scene.ts";
import { stoppableWorld } from "../stop.ts";

const line = (payload: string) => ({ stream: "stdout", time: "2026-01-02T03:04:05Z", payload });

test("nobody hears of an end that was refused; of the one that was not, everybody does, with all that was said before", async () => {
  const { world, stopCommit } = stoppableWorld();
  await using scene = await Scene.open({}, world);
  const job = await scene.submit();
  const worker = await scene.worker(job);
  const path = { job };
  const watches = await Promise.all(
    Array.from({ length: 5 }, async () => readRecords(await scene.alice.open("job_watch", { path }))),
  );
  const next = async () => {
    const records = await Promise.all(watches.map(async (watch) => (await watch.next()).value));
    expect(new Set(records.map((record) => JSON.stringify(record))).size).toBe(1);
    return records[0] ? { event: records[0].event, data: records[0].data } : undefined;
  };
  expect(await next()).toEqual({ event: "state", data: "running" });
  const stop = stopCommit();
  const commit = await scene.commit(worker, "output", job, "/work/a", "artefact");
  await commit({}, {});
  // Its task has no verdict: a part of the refused call had said so already.
  expect(await worker.status("worker_job_complete", { path, body: { failed: false } })).toBe(409);
  await worker.call("worker_job_append", { path, body: [line("still here")] });
  expect(await next()).toMatchObject({ event: "job", data: expect.stringContaining("still here") });
  stop.end();
  await commit();
  const dependent = { prior_job: job, copy_outputs: true, on_completed: true, on_failed: false };
  const waiting = await scene.submit({ depends: { lib: dependent } });
  await worker.call("worker_job_append", { path, body: [line("the last words")] });
  await scene.finish(worker, job);
  const rest = await Promise.all(watches.map((watch) => Array.fromAsync(watch)));
  for (const records of rest)
    expect(
      records.map(({ event, data }) => (event === "job" ? (JSON.parse(data) as { payload: string }).payload : data)).toSorted(),
    ).toEqual(["-", "completed", "job completed", "the last words"]);
  // Who wakes sees what woke it, whole.
  const reader = await scene.worker();
  await scene.until(async () => (await scene.state(waiting)) === "running", "the dependent job runs");
  expect((await reader.call("worker_ping")).job?.inputs).toMatchObject([{ name: "lib/work/a" }]);
});

test("a machine that was refused is heard of nowhere, also where the refusal came last", async () => {
  await using scene = await Scene.open();
  await scene.admin.call("factory_enable", { path: { factory: scene.factory.id }, body: { hold_workers: true } });
  // Whose end is told, so that there is a log.
  await scene.alice.call("job_cancel", { path: { job: await scene.submit() } });
  const job = await scene.submit({ inputs: ["a"] });
  const logs = () =>
    readdirSync(join(scene.server.data, "log"), { recursive: true }).filter((file) => String(file).endsWith(".sqlite")).length;
  await scene.world.advance(1_000);
  const before = logs();
  const { headers } = await scene.factory.ask("factory_workers", { query: { wait: 0 } });
  const seen = headers.get("x-buildomat-version") ?? "none";
  const change = scene.factory.call("factory_workers", { query: { wait: 60, seen } });
  // It is recorded and held, and the log is told of that, before the job turns out not to be queued.
  const body = { target: scene.target, job };
  expect(await scene.factory.status("factory_worker_create", { body })).toBe(409);
  await scene.world.advance(1_000);
  expect(logs()).toBe(before);
  const { id } = await scene.machine();
  expect(await change).toMatchObject([{ id, hold: true }]);
});

test("whoever waits for a change has it, however many come at once", async () => {
  await using scene = await Scene.open();
  const workers = await Promise.all(Array.from({ length: 4 }, () => scene.worker()));
  const polls = await Promise.all(
    workers.map(async (worker) => {
      const { headers } = await worker.ask("worker_ping", { query: { wait: 0 } });
      const query = { wait: 60, seen: headers.get("x-buildomat-version") ?? "none" };
      return { answer: worker.call("worker_ping", { query }) };
    }),
  );
  const jobs = await Promise.all(workers.map(() => scene.submit()));
  const answers = await Promise.all(polls.map(({ answer }) => answer));
  expect(answers.map(({ job }) => job?.id ?? "none").toSorted()).toEqual(jobs.toSorted());
});
