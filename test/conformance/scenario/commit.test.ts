import { expect, test } from "bun:test";
import { stoppableWorld } from "../stop.ts";
import { bytes, Scene } from "./scene.ts";

const DONE = { complete: true, error: null };
const PENDING = { complete: false, error: null };

async function withWorker(world = stoppableWorld().world) {
  const scene = await Scene.open({}, world);
  const job = await scene.submit();
  return { scene, job, worker: await scene.worker(job) };
}

test("a commit is asked for again and again until it is complete, and is done once", async () => {
  const { world, stopCommit } = stoppableWorld();
  const { scene, job, worker } = await withWorker(world);
  await using _ = scene;
  const stop = stopCommit();
  const commit = await scene.commit(worker, "output", job, "/work/a", "artefact");
  for (const _ of ["once", "again", "and again"]) expect((await commit({}, {})).json).toEqual(PENDING);
  stop.end();
  for (const _ of ["once", "again", "and again"]) expect((await commit()).json).toEqual(DONE);
  expect(await scene.alice.call("job_outputs_get", { path: { job } })).toMatchObject([{ path: "/work/a", size: 8 }]);
});

test("a commit that meant something else before is refused, under way and afterwards", async () => {
  const { world, stopCommit } = stoppableWorld();
  const { scene, job, worker } = await withWorker(world);
  await using _ = scene;
  const stop = stopCommit();
  const commit = await scene.commit(worker, "output", job, "/work/a", "artefact");
  const others = async () => {
    const statuses: number[] = [];
    for (const changes of [{ path: "/work/b" }, { size: 9 }, { chunks: [] }, { chunks: [scene.world.id()] }])
      statuses.push((await commit(changes, {})).status);
    return statuses;
  };
  expect((await commit({}, {})).json).toEqual(PENDING);
  expect(await others()).toEqual([400, 400, 400, 400]);
  stop.end();
  expect((await commit()).json).toEqual(DONE);
  expect(await others()).toEqual([400, 400, 400, 400]);
});

test.each<[string, object, string]>([
  ["too short", { size: 9 }, "expected 9 bytes"],
  ["too long", { size: 7 }, "expected 7 bytes"],
  ["of a chunk that is not there", { chunks: ["01HZZZZZZZZZZZZZZZZZZZZZZZ"] }, "there is no chunk"],
])("a commit %s is complete with an error, for good, and leaves nothing", async (_name, changes, error) => {
  const { scene, job, worker } = await withWorker();
  await using _ = scene;
  const commit = await scene.commit(worker, "output", job, "/work/a", "artefact");
  for (const _ of ["once", "again"])
    expect((await commit(changes)).json).toEqual({ complete: true, error: expect.stringContaining(error) });
  expect(await scene.alice.call("job_outputs_get", { path: { job } })).toEqual([]);
});

test("a file may be empty, and its chunks may come twice and in any order", async () => {
  const { scene, job, worker } = await withWorker();
  await using _ = scene;
  const path = { job };
  const chunk = async (text: string) => (await worker.call("worker_job_upload_chunk", { path, body: bytes(text) })).id;
  const [one, two] = [await chunk("one "), await chunk("two ")];
  const add = async (name: string, size: number, chunks: string[]) => {
    const body = { path: name, size, chunks, commit_id: scene.world.id() };
    return (await worker.ask("worker_job_add_output", { path, body, query: { wait: 10 } })).json;
  };
  expect([await add("/none", 0, []), await add("/some", 12, [two, one, two])]).toEqual([DONE, DONE]);
  const outputs = await scene.alice.call("job_outputs_get", { path });
  const texts: Record<string, string> = {};
  for (const { id, path: name } of outputs)
    texts[name] = await (await scene.alice.open("job_output_download", { path: { job, output: id } })).text();
  expect(texts).toEqual({ "/none": "", "/some": "two one two " });
});

test("a commit is the same after a restart of the server", async () => {
  const { scene, job, worker } = await withWorker();
  const commit = { chunks: [] as string[], commit_id: scene.world.id(), size: 0, path: "/work/a" };
  const path = { job };
  expect((await worker.ask("worker_job_add_output", { path, body: commit, query: { wait: 10 } })).json).toEqual(DONE);
  await using server = await scene.server.restart();
  const again = server.client(worker.token);
  expect(await again.call("worker_job_add_output", { path, body: commit })).toEqual(DONE);
  const other = again.call("worker_job_add_output", { path, body: { ...commit, path: "/work/b" } });
  await expect(other).rejects.toMatchObject({ status: 400 });
  expect(await server.client(scene.alice.token).call("job_outputs_get", { path })).toHaveLength(1);
});
