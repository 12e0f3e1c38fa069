import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Named } from "../scenario/scene.ts";
import { Scene } from "../scenario/scene.ts";
import { stoppableWorld } from "../stop.ts";
import { slowly } from "./slow.ts";

const DONE = { complete: true, error: null };

const filesOf = ({ server }: Scene, kind: "file" | "chunk", job: string) => {
  const dir = join(server.data, kind, job);
  return existsSync(dir) ? readdirSync(dir) : [];
};

async function withWorker() {
  const { world, stopCommit } = stoppableWorld();
  const scene = await Scene.open({}, world);
  const job = await scene.submit();
  const worker = await scene.worker(job);
  const outputs = async () => (await scene.alice.call("job_outputs_get", { path: { job } })).map(({ path }) => path);
  const complete = () => worker.status("worker_job_complete", { path: { job }, body: { failed: false } });
  return { scene, stopCommit, job, worker, outputs, complete };
}

describe("a commit and the end of its job", () => {
  test("the commit first: the job does not end before it, and may have others still", async () => {
    const { scene, stopCommit, job, worker, outputs, complete } = await withWorker();
    await using _ = scene;
    const stop = stopCommit();
    const commit = await scene.commit(worker, "output", job, "/work/a", "artefact");
    await commit({}, {});
    await stop.reached;
    expect(await complete()).toBe(409);
    expect(await (await scene.commit(worker, "output", job, "/work/b", "another"))()).toMatchObject({ status: 200, json: DONE });
    expect([await complete(), await outputs()]).toEqual([409, ["/work/b"]]);
    stop.end();
    expect((await commit()).json).toEqual(DONE);
    expect([await complete(), (await outputs()).sort()]).toEqual([204, ["/work/a", "/work/b"]]);
  });

  test("the end first: a commit that was on its way is refused", async () => {
    const { scene, job, worker, outputs, complete } = await withWorker();
    await using _ = scene;
    const body = JSON.stringify({ path: "/work/a", size: 0, chunks: [], commit_id: scene.world.id() });
    const slow = await slowly(scene.server.url, {
      method: "POST",
      path: `/1/worker/job/${job}/output`,
      token: worker.token,
      body,
    });
    expect(await complete()).toBe(204);
    expect((await slow.finish()).status).toBe(409);
    expect([await outputs(), filesOf(scene, "file", job)]).toEqual([[], []]);
  });

  test("two ends at the same time are one", async () => {
    const { scene, job, worker } = await withWorker();
    await using _ = scene;
    const bodies = [{ failed: false }, { failed: true }, { failed: false }];
    const ends = bodies.map((body) => worker.status("worker_job_complete", { path: { job }, body }));
    expect(await Promise.all(ends)).toEqual([204, 204, 204]);
    expect((await scene.log(job)).filter((line) => line.startsWith("job "))).toHaveLength(1);
  });

  const ends: [string, (scene: Scene, worker: Named, job: string) => Promise<unknown>][] = [
    ["is cancelled", ({ alice }, _, job) => alice.call("job_cancel", { path: { job } })],
    ["loses its agent", (_, worker) => worker.call("worker_fail", { body: { reason: "out of memory" } })],
    ["loses its machine", ({ factory }, { id }) => factory.call("factory_worker_destroy", { path: { worker: id } })],
  ];
  test.each(ends)("a commit that comes through after its job %s leaves neither an output nor a file", async (_name, end) => {
    const { scene, stopCommit, job, worker, outputs } = await withWorker();
    await using _ = scene;
    const { bells } = scene.server.core;
    const stop = stopCommit();
    const { id: chunk } = await worker.call("worker_job_upload_chunk", { path: { job }, body: new Uint8Array(8) });
    const body = { path: "/work/a", size: 8, chunks: [chunk], commit_id: scene.world.id() };
    await worker.call("worker_job_add_output", { path: { job }, body });
    await stop.reached;
    await end(scene, worker, job);
    const topic = `commit ${job} ${body.commit_id}`;
    const heard = bells.version(topic);
    stop.end();
    await bells.wait(topic, heard, AbortSignal.timeout(30_000));
    expect([await scene.state(job), await outputs(), filesOf(scene, "file", job)]).toEqual(["failed", [], []]);
  });
});

describe("an input and the waking of its job", () => {
  test("an input that comes again when the job is queued already changes nothing, and its caller is told", async () => {
    const { world, stopCommit } = stoppableWorld();
    await using scene = await Scene.open({}, world);
    const { alice } = scene;
    const job = await scene.submit({ inputs: ["a"] });
    const stop = stopCommit();
    const late = await scene.commit(alice, "input", job, "a", "too late");
    await late({}, {});
    await stop.reached;
    const first = await scene.commit(alice, "input", job, "a", "in time");
    expect((await first()).json).toEqual(DONE);
    await scene.until(async () => (await scene.state(job)) === "queued", "the job is queued");
    stop.end();
    expect((await late()).json).toEqual({ complete: true, error: `job ${job} takes no input: it is queued` });
    expect((await first()).json).toEqual(DONE);
    const worker = await scene.worker(job);
    const [input] = (await worker.call("worker_ping")).job?.inputs ?? [];
    const bytes = await worker.open("worker_job_input_download", { path: { job, input: input?.id ?? "" } });
    expect(await bytes.text()).toBe("in time");
    await scene.finish(worker, job);
    expect((await first()).json).toEqual(DONE);
    expect(filesOf(scene, "file", job)).toEqual([input?.id ?? ""]);
  });

  test("one that was on its way when the job woke is refused", async () => {
    await using scene = await Scene.open();
    const { alice } = scene;
    const job = await scene.submit({ inputs: ["a"] });
    const body = JSON.stringify({ name: "a", size: 0, chunks: [], commit_id: scene.world.id() });
    const slow = await slowly(scene.server.url, { method: "POST", path: `/1/jobs/${job}/input`, token: alice.token, body });
    await (await scene.commit(alice, "input", job, "a", "in time"))();
    await scene.until(async () => (await scene.state(job)) === "queued", "the job is queued");
    expect((await slow.finish()).status).toBe(409);
  });
});

describe("a chunk that is under way when its job ends", () => {
  const upload = async (scene: Scene, path: string, token: string, job: string, kind: "chunk" | "file") => {
    const slow = await slowly(scene.server.url, { method: "POST", path, token, body: "0123456789" });
    await scene.until(() => filesOf(scene, kind, job).length > 0, "the chunk is being written");
    await scene.alice.call("job_cancel", { path: { job } });
    await scene.until(async () => (await scene.job(job)).log !== null, "the job is over and done with");
    return slow;
  };

  test.each<["chunk" | "file", string]>([
    ["chunk", ""],
    ["file", "?commit_id=01HZZZZZZZZZZZZZZZZZZZZZZZ&offset=0"],
  ])("is refused, of an input and of an output, and nothing stays of it: in chunk or place, a %s", async (kind, query) => {
    await using scene = await Scene.open();
    const waiting = await scene.submit({ inputs: ["a"] });
    const running = await scene.submit();
    const worker = await scene.worker(running);
    const input = await upload(scene, `/0/jobs/${waiting}/chunk${query}`, scene.alice.token, waiting, kind);
    const output = await upload(scene, `/0/worker/job/${running}/chunk${query}`, worker.token, running, kind);
    expect([(await input.finish()).status, (await output.finish()).status]).toEqual([409, 409]);
    for (const job of [waiting, running]) expect([filesOf(scene, "chunk", job), filesOf(scene, "file", job)]).toEqual([[], []]);
  });
});
