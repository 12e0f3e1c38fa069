import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { aJob } from "../../../core/fixture.ts";
import { readRecords } from "../old/sse.ts";
import { Scene } from "./scene.ts";

const line = (n: number) => ({ stream: "stdout", time: "2026-01-02T03:04:05.123456789+01:00", payload: `line ${n}`, task: 0 });

/** A job that has ended with everything that the original knows of one. */
async function anEndedJob(scene: Scene) {
  const depends = { lib: { prior_job: await scene.submit(), copy_outputs: false, on_completed: true, on_failed: true } };
  await scene.alice.call("job_cancel", { path: { job: depends.lib.prior_job } });
  const job = await scene.submit({ inputs: ["in"], output_rules: ["=/work/*"], tags: { branch: "main" }, depends });
  await (await scene.commit(scene.alice, "input", job, "in", "put in"))();
  await scene.until(async () => (await scene.state(job)) === "queued", "the job is queued");
  const worker = await scene.worker(job);
  const body = Array.from({ length: 2_100 }, (_, i) => line(i));
  await worker.call("worker_job_append", { path: { job }, body });
  for (const [name, secret] of [["plain", false] as const, ["hidden", true] as const])
    await worker.call("worker_job_store_put", { path: { job, name }, body: { value: `the ${name} value`, secret } });
  const output = await scene.output(worker, job, "/work/a", "0123456789");
  await scene.finish(worker, job);
  await scene.factory.call("factory_worker_destroy", { path: { worker: worker.id } });
  await scene.until(async () => (await scene.job(job)).log !== null, "its log is sealed");
  return { job, output };
}

/** Whatever the original's operations tell of a job. */
async function allOf({ alice, admin }: Scene, job: string, output: string) {
  const path = { job };
  const { time_archived: _, time_purged: __, ...described } = await alice.call("job_get", { path });
  const { time_archived: ___, time_purged: ____, ...told } = await admin.call("admin_job_get", { path });
  const events: unknown[] = [];
  for (const minseq of [0, 1, 7, 1_000, 1_001, 2_101, 2_102, 9_999])
    events.push(await alice.call("job_events_get", { path, query: { minseq } }));
  const files: unknown[] = [];
  for (const range of [undefined, "bytes=2-4", "bytes=-3", "bytes=10-"])
    for (const name of ["job_output_download", "job_output_head"]) {
      const answer = await alice.open(name, { path: { job, output }, headers: range === undefined ? {} : { range } });
      files.push([answer.status, answer.headers.get("content-range"), answer.headers.get("content-length"), await answer.text()]);
    }
  return {
    described,
    told,
    events,
    files,
    list: (await alice.call("jobs_list", { query: { tag: "branch=main" } })).items,
    outputs: await alice.call("job_outputs_get", { path }),
    store: await alice.call("job_store_get_all", { path }),
    watch: await Array.fromAsync(readRecords(await alice.open("job_watch", { path, query: { minseq: 2_000 } }))),
  };
}

test("a job reads the same when it is archived, and when it is purged, to the letter", async () => {
  await using scene = await Scene.open();
  const { job, output } = await anEndedJob(scene);
  const path = { job };
  const before = await allOf(scene, job, output);
  expect(before.store).toMatchObject({ plain: { value: "the plain value" }, hidden: { value: null } });
  expect(before.watch.at(-1)?.event).toBe("complete");
  expect(await scene.admin.status("admin_job_purge_request", { path })).toBe(400);

  await scene.admin.call("admin_job_archive_request", { path });
  await scene.until(async () => (await scene.job(job)).time_archived !== null, "the job is archived", 100);
  expect((await scene.job(job)).time_purged).toBeNull();
  expect(await allOf(scene, job, output)).toEqual(before);
  expect(await scene.admin.status("admin_job_archive_request", { path })).toBe(204);

  await scene.admin.call("admin_job_purge_request", { path });
  const local = join(scene.server.data, "file", job);
  expect(existsSync(local)).toBe(true);
  await scene.until(() => !existsSync(local), "its local files are gone", 10_000);
  expect((await scene.job(job)).time_purged).not.toBeNull();
  expect(await allOf(scene, job, output)).toEqual(before);

  // What the original cannot do with a purged job any more.
  const name = { series: "image", version: "v1", name: "a.txt" };
  await scene.alice.call("job_output_publish", { path: { job, output }, body: name });
  const published = await scene.nobody().open("public_file_download", { path: { username: "alice", ...name } });
  expect(await published.text()).toBe("0123456789");
});

test("only a job that has ended is archived", async () => {
  await using scene = await Scene.open();
  const ask = (job: string) => scene.admin.status("admin_job_archive_request", { path: { job } });
  const [queued, running] = [await scene.submit(), await scene.submit()];
  await scene.worker(running);
  const waiting = await scene.submit({ inputs: ["a"] });
  expect([await ask(queued), await ask(running), await ask(waiting)]).toEqual([400, 400, 400]);
});

test("an older job that is to be kept for longer does not keep a younger one from being purged", async () => {
  const users = { bob: { retention: 60 } };
  await using scene = await Scene.open({ archive: { auto: true, purge: true, retention: 3_600, users } });
  const bob = await scene.user("bob");
  const older = await scene.submit();
  await scene.alice.call("job_cancel", { path: { job: older } });
  const { id: younger } = await bob.call("job_submit", { body: aJob() });
  await bob.call("job_cancel", { path: { job: younger } });
  const times = async (job: string) => await scene.admin.call("admin_job_get", { path: { job } });
  const both = async () => [(await times(older)).time_archived, (await times(younger)).time_archived];
  await scene.until(async () => !(await both()).includes(null), "both are archived", 100);
  await scene.until(async () => (await times(younger)).time_purged !== null, "the younger one is purged", 30_000);
  expect((await times(older)).time_purged).toBeNull();
});
