import { expect, test } from "bun:test";
import { Scene } from "./scene.ts";

test("a store has secrets that stay so, a hundred values, of so many bytes, under plain names, until the job ends", async () => {
  await using scene = await Scene.open();
  const { alice } = scene;
  const job = await scene.submit();
  const worker = await scene.worker(job);
  const put = (name: string, value: string, secret = false) =>
    alice.status("job_store_put", { path: { job, name }, body: { value, secret } });
  const seen = () => alice.call("job_store_get_all", { path: { job } });
  const read = async (name: string) => (await worker.call("worker_job_store_get", { path: { job, name } })).value;
  expect([await put("key", "hush", true), await put("key", "hush again", false)]).toEqual([204, 204]);
  expect(await seen()).toEqual({
    key: { value: null, secret: true, source: "user", time_update: new Date(scene.world.now()).toISOString() },
  });
  expect([await read("key"), await read("none")]).toEqual([{ value: "hush again", secret: true }, null]);
  await worker.call("worker_job_store_put", { path: { job, name: "key" }, body: { value: "mine", secret: false } });
  expect(await seen()).toMatchObject({ key: { value: null, secret: true, source: "worker" } });
  expect([await put("a-b", ""), await put("a.b", ""), await put("a b", "")]).toEqual([400, 400, 400]);
  expect([await put("large", "x".repeat(10_240)), await put("large", "x".repeat(10_241))]).toEqual([204, 400]);
  // Bytes, not characters.
  expect(await put("large", "ß".repeat(5_121))).toBe(400);
  for (let i = 2; i < 100; i++) expect(await put(`value_${i}`, String(i))).toBe(204);
  expect([await put("one_too_many", ""), await put("value_99", "another")]).toEqual([409, 204]);
  await scene.finish(worker, job);
  expect(await put("value_99", "late")).toBe(409);
  const late = { path: { job, name: "value_98" }, body: { value: "late", secret: false } };
  expect(await worker.status("worker_job_store_put", late)).toBe(409);
  expect(await seen()).toMatchObject({ key: { value: null }, value_98: { value: "98" }, value_99: { value: "another" } });
});
