import { expect, test } from "bun:test";
import { aBucket } from "../../../core/storage/fixture/bucket.ts";
import { Scene } from "../scenario/scene.ts";

/** An object store in which a test can hold up one object on its way there. */
async function slowStore() {
  const bucket = await aBucket();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const [held, stored] = [new Set<string>(), new Set<string>()];
  const store = {
    /** Name of the object to hold up. */
    hold: "",
    held,
    stored,
    release,
    config: bucket.config,
    async [Symbol.asyncDispose]() {
      await gate.stop(true);
      await bucket[Symbol.asyncDispose]();
    },
  };
  const gate = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const name = pathname.split("/").at(-1) ?? "";
      const { method, headers } = request;
      const body = method === "PUT" ? await request.bytes() : undefined;
      if (method === "PUT" && name === store.hold) {
        held.add(name);
        await released;
      }
      const init = { method, headers, redirect: "manual" as const, ...(body ? { body } : {}) };
      const answer = await fetch(`${bucket.config.endpoint}${pathname}${search}`, init);
      if (method === "PUT" && answer.ok) stored.add(name);
      return answer;
    },
  });
  store.config = { ...bucket.config, endpoint: `http://127.0.0.1:${gate.port}` };
  return store;
}

test("a job is not archived, nor purged, before the store has all of it; meanwhile it reads as ever", async () => {
  await using store = await slowStore();
  await using scene = await Scene.open({ storage: { s3: store.config } });
  const job = await scene.submit({ tags: { branch: "main" } });
  const worker = await scene.worker(job);
  const output = await scene.output(worker, job, "/work/a", "artefact");
  await scene.finish(worker, job);
  await scene.factory.call("factory_worker_destroy", { path: { worker: worker.id } });
  await scene.until(async () => (await scene.job(job)).log !== null, "its log is sealed");
  const path = { job };
  const read = async () => {
    const { time_archived, time_purged, ...described } = await scene.job(job);
    const file = await scene.alice.open("job_output_download", { path: { job, output } });
    const { items } = await scene.alice.call("jobs_list", { query: { tag: "branch=main" } });
    const all = { described, log: await scene.log(job), items, file: await file.text() };
    return { archived: time_archived !== null, purged: time_purged !== null, all };
  };
  const { all } = await read();
  const purge = () => scene.admin.status("admin_job_purge_request", { path });
  store.hold = output;
  await scene.admin.call("admin_job_archive_request", { path });
  await scene.until(() => store.held.size + store.stored.size === 2, "the log is stored, and the file on its way", 100);
  await scene.world.advance(10_000);
  expect([await read(), await purge()]).toEqual([{ archived: false, purged: false, all }, 400]);
  expect(store.stored.size).toBe(1);
  store.release();
  await scene.until(async () => (await read()).archived, "it is archived", 100);
  expect([await read(), await purge()]).toEqual([{ archived: true, purged: false, all }, 204]);
  await scene.until(async () => (await read()).purged, "it is purged", 100);
  expect(await read()).toEqual({ archived: true, purged: true, all });
  // Workers' lists show what became of a job, as before.
  const { jobs } = await scene.admin.call("worker", { path: { worker: worker.id } });
  expect(jobs).toMatchObject([{ id: job, state: "completed", tags: { branch: "main" } }]);
});
