import { expect, test } from "bun:test";
import { manualWorld } from "../../test/fixture/manual-world.ts";
import { CallFailed } from "../client/failure.ts";
import { aFactory, aJob, aWorker, type TestServer, testServer } from "../fixture.ts";

const statusOf = async (call: Promise<unknown>) =>
  await call.then(
    () => "ok",
    (error: unknown) => (error instanceof CallFailed ? error.status : error),
  );

const TEXT = "the artefact";

/** A job with one output, running or ended. */
async function withOutput(server: TestServer) {
  const factory = await aFactory(server);
  const { client } = await server.user("alice");
  const { id: job } = await client.call("job_submit", { body: aJob({ output_rules: ["/work/*"] }) });
  const worker = await aWorker(server, factory, job);
  const { id: chunk } = await worker.client.call("worker_job_upload_chunk", {
    path: { job },
    body: new TextEncoder().encode(TEXT),
  });
  const body = { path: "/work/a", size: TEXT.length, chunks: [chunk], commit_id: server.core.world.id() };
  await worker.client.poll("worker_job_add_output", { path: { job }, body }, { wait: 10 });
  const [output] = await client.call("job_outputs_get", { path: { job } });
  const end = () => worker.client.call("worker_job_complete", { path: { job }, body: { failed: true } });
  return { client, job, output: output?.id ?? "", end };
}

test("a published file is there for everybody, for ever, and never another one", async () => {
  await using server = await testServer();
  const { client, job, output, end } = await withOutput(server);
  const name = { series: "image", version: "1.0", name: "a.txt" };
  const publish = (body = name, id = output) => statusOf(client.call("job_output_publish", { path: { job, output: id }, body }));
  expect(await publish()).toBe(409);
  await end();
  expect(await publish()).toBe("ok");
  expect(await publish()).toBe("ok");
  expect(await publish(name, "01HZZZZZZZZZZZZZZZZZZZZZZZ")).toBe(404);
  expect(await publish({ ...name, name: "x" })).toBe(400);
  const get = (path: string, init?: RequestInit) => fetch(`${server.url}/0/public/file/${path}`, init);
  const whole = await get("alice/image/1.0/a.txt");
  expect(await whole.text()).toBe(TEXT);
  const etag = whole.headers.get("etag") ?? "";
  expect((await get("alice/image/1.0/a.txt", { headers: { "if-none-match": etag } })).status).toBe(304);
  expect(await (await get("alice/image/1.0/a.txt", { headers: { range: "bytes=4-", "if-range": etag } })).text()).toBe(
    "artefact",
  );
  const head = await get("alice/image/1.0/a.txt", { method: "HEAD" });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, String(TEXT.length)]);
  expect((await get("alice/image/1.0/b.txt")).status).toBe(404);
  expect((await get("nobody/image/1.0/a.txt")).status).toBe(404);
});

test("a signed URL works without a token until it expires, and only as it was signed", async () => {
  const world = manualWorld();
  await using server = await testServer({}, world);
  const { client, job, output } = await withOutput(server);
  const { url, available, size } = await client.call("job_output_signed_url", {
    path: { job, output },
    body: { expiry_seconds: 60, content_type: "text/plain" },
  });
  expect({ available, size }).toEqual({ available: true, size: TEXT.length });
  const answer = await fetch(url);
  expect(await answer.text()).toBe(TEXT);
  expect(answer.headers.get("content-type")).toBe("text/plain");
  expect((await fetch(url.replace("text%2Fplain", "text%2Fhtml"))).status).toBe(403);
  expect((await fetch(url.replace(/expires=\d/, "expires=9"))).status).toBe(403);
  await world.advance(61_000);
  expect((await fetch(url)).status).toBe(403);
});
