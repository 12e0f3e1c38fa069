import { expect, test } from "bun:test";
import { existsSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { aFactory, aJob, aWorker, testServer } from "../fixture.ts";

const SIZE = 256 * 1024 * 1024;

test("a job is sealed once none of its files is on its way any more and no piece of one is left", async () => {
  await using server = await testServer();
  const { core } = server;
  const factory = await aFactory(server);
  const alice = await server.user("alice");
  const { id: job } = await alice.client.call("job_submit", { body: aJob() });
  const worker = await aWorker(server, factory, job);
  const { id: chunk } = await worker.client.call("worker_job_upload_chunk", { path: { job }, body: new Uint8Array(3) });
  const commit = core.world.id();
  const part = core.files.partPath(job, commit);
  mkdirSync(dirname(part), { recursive: true });
  writeFileSync(part, "");
  // Zeros that take no space, but time to hash.
  truncateSync(part, SIZE);
  const sha256 = new Bun.CryptoHasher("sha256").update(new Uint8Array(SIZE)).digest("hex");
  let through = false;
  core.commits.start(job, commit, { kind: "output", name: "/a", size: SIZE, chunks: [], sha256 }, () => {
    through = true;
    throw new Error("the job has ended");
  });
  await alice.client.call("job_cancel", { path: { job } });
  for (;;) {
    const heard = core.bells.version(`job ${job}`);
    if ((await alice.client.call("job_get", { path: { job } })).log) break;
    await core.bells.wait(`job ${job}`, heard, core.shutdown);
  }
  expect([through, existsSync(part), existsSync(core.files.chunkPath(job, chunk))]).toEqual([true, false, false]);
});
