import { expect, test } from "bun:test";
import { Scene, UNKNOWN } from "./scene.ts";

test("a file is published after its job has ended, under a name that is its alone, for everybody", async () => {
  await using scene = await Scene.open();
  const job = await scene.submit();
  const worker = await scene.worker(job);
  const [one, two] = [
    await scene.output(worker, job, "/work/one", "0123456789"),
    await scene.output(worker, job, "/work/two", "another"),
  ];
  const name = { series: "image", version: "v1.0", name: "one.txt" };
  const publish = (output = one, body = name) => scene.alice.status("job_output_publish", { path: { job, output }, body });
  expect(await publish()).toBe(409);
  await scene.finish(worker, job);
  expect([await publish(), await publish()]).toEqual([204, 204]);
  expect([await publish(two), await publish(UNKNOWN)]).toEqual([409, 404]);
  expect([await publish(two, { ...name, version: "v1.1" }), await publish(one, { ...name, series: "x" })]).toEqual([204, 400]);

  const file = async (method: string, range?: string, path: Partial<typeof name & { username: string }> = {}) => {
    const operation = method === "HEAD" ? "public_file_head" : "public_file_download";
    const headers = range === undefined ? {} : { range };
    const answer = await scene.nobody().open(operation, { path: { username: "alice", ...name, ...path }, headers });
    return [answer.status, answer.headers.get("content-range"), answer.headers.get("content-length"), await answer.text()];
  };
  expect(await file("GET")).toEqual([200, null, "10", "0123456789"]);
  expect(await file("HEAD")).toEqual([200, null, "10", ""]);
  expect(await file("GET", "bytes=-3")).toEqual([206, "bytes 7-9/10", "3", "789"]);
  expect(await file("HEAD", "bytes=-3")).toEqual([206, "bytes 7-9/10", "3", ""]);
  expect((await file("GET", "bytes=10-")).slice(0, 2)).toEqual([416, "bytes */10"]);
  expect((await file("GET", undefined, { version: "v1.1" })).at(-1)).toBe("another");
  for (const path of [{ username: "bob" }, { series: "none" }, { version: "v9" }, { name: "two.txt" }])
    for (const method of ["GET", "HEAD"]) expect((await file(method, undefined, path))[0]).toBe(404);
});
