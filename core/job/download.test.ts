import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { aFactory, aJob, aWorker, type TestServer, testServer } from "../fixture.ts";

const TEXT = "0123456789";
const SHA256 = Bun.CryptoHasher.hash("sha256", TEXT, "hex");

let server: TestServer;
/** Where the same file is: of the job, by a signed URL, and published. */
const doors: Record<string, { url: string; token?: string }> = {};

beforeAll(async () => {
  server = await testServer();
  const factory = await aFactory(server);
  const { client, token } = await server.user("alice");
  const { id: job } = await client.call("job_submit", { body: aJob() });
  const worker = await aWorker(server, factory, job);
  const { id: chunk } = await worker.client.call("worker_job_upload_chunk", {
    path: { job },
    body: new TextEncoder().encode(TEXT),
  });
  const body = { path: "/a", size: TEXT.length, chunks: [chunk], commit_id: server.core.world.id() };
  await worker.client.poll("worker_job_add_output", { path: { job }, body }, { wait: 10 });
  await worker.client.call("worker_job_complete", { path: { job }, body: { failed: true } });
  const output = (await client.call("job_outputs_get", { path: { job } }))[0]?.id ?? "";
  const { url } = await client.call("job_output_signed_url", { path: { job, output }, body: { expiry_seconds: 3600 } });
  await client.call("job_output_publish", { path: { job, output }, body: { series: "aa", version: "1.0", name: "a.txt" } });
  doors["job"] = { url: `${server.url}/0/jobs/${job}/outputs/${output}`, token };
  doors["signed"] = { url };
  doors["published"] = { url: `${server.url}/0/public/file/alice/aa/1.0/a.txt` };
});
afterAll(() => server[Symbol.asyncDispose]());

describe.each(["job", "signed", "published"])("an output, %s,", (door) => {
  const ask = async (method: string, headers: Record<string, string>) => {
    const { url = "", token } = doors[door] ?? {};
    const answer = await fetch(url, { method, headers: { ...headers, ...(token ? { authorization: `Bearer ${token}` } : {}) } });
    return {
      status: answer.status,
      text: await answer.text(),
      length: answer.headers.get("content-length"),
      range: answer.headers.get("content-range"),
      etag: answer.headers.get("etag"),
    };
  };
  const etag = `"${SHA256}"`;

  test.each<[string, Record<string, string>, number, string, string | null]>([
    ["as a whole", {}, 200, TEXT, null],
    ["in part", { range: "bytes=2-4" }, 206, "234", "bytes 2-4/10"],
    ["its end", { range: "bytes=-3" }, 206, "789", "bytes 7-9/10"],
    ["a part that is not there", { range: "bytes=10-" }, 416, "", "bytes */10"],
    ["to one who has it", { "if-none-match": `"other", ${etag}` }, 304, "", null],
    ["to one who has another", { "if-none-match": '"other"' }, 200, TEXT, null],
    ["the rest for one who has the beginning", { range: "bytes=5-", "if-range": etag }, 206, "56789", "bytes 5-9/10"],
    ["for one who has another's beginning", { range: "bytes=5-", "if-range": '"other"' }, 200, TEXT, null],
  ])("is given %s, and HEAD tells the same", async (_name, headers, status, text, range) => {
    const whole = await ask("GET", headers);
    expect(whole).toMatchObject({ status, text, range });
    if (status !== 416) expect(whole.etag).toBe(etag);
    const head = await ask("HEAD", headers);
    expect(head).toMatchObject({ status, text: "", range, etag: whole.etag });
    if (status < 300) expect(head.length).toBe(String(text.length));
  });
});
