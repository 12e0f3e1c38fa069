import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Scene } from "../scenario/scene.ts";

const MIB = 1024 * 1024;
/** More than fits into what lies between the server and a client that does not read. */
const LARGE = 24 * MIB;

/** A job that has ended with one large output, whose n-th mebibyte is full of n. */
async function withLargeOutput(scene: Scene) {
  const job = await scene.submit();
  const worker = await scene.worker(job);
  const chunks: string[] = [];
  for (let at = 0; at < LARGE; at += 8 * MIB) {
    const body = new Uint8Array(8 * MIB).map((_, i) => (at + i) / MIB);
    chunks.push((await worker.call("worker_job_upload_chunk", { path: { job }, body })).id);
  }
  const body = { path: "/work/large", size: LARGE, chunks, commit_id: scene.world.id() };
  await worker.call("worker_job_add_output", { path: { job }, body, query: { wait: 30 } });
  await scene.finish(worker, job);
  const [output] = await scene.alice.call("job_outputs_get", { path: { job } });
  return { job, output: output?.id ?? "", sha256: output?.sha256 ?? "" };
}

/** A download by somebody who stops reading after its first bytes. */
async function pausedDownload(scene: Scene, path: string) {
  const { hostname, port } = new URL(scene.server.url);
  const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const hasher = new Bun.CryptoHasher("sha256");
  let received = 0;
  let body = false;
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data(self, bytes) {
        const at = body ? 0 : bytes.indexOf("\r\n\r\n") + 4;
        received += bytes.length - at;
        hasher.update(bytes.subarray(at));
        if (!body) self.pause();
        body = true;
        begun.resolve();
      },
      close: () => ended.resolve(),
      error: (_, error) => ended.reject(error),
    },
  });
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${scene.alice.token}\r\n\r\n`);
  await begun.promise;
  return {
    received: () => received,
    async rest() {
      socket.resume();
      await ended.promise;
      return { received, sha256: hasher.digest("hex") };
    },
  };
}

test("a download that is under way when the local file goes has all its bytes, and so has every one after it", async () => {
  await using scene = await Scene.open();
  const { job, output, sha256 } = await withLargeOutput(scene);
  const path = { job };
  const download = await pausedDownload(scene, `/0/jobs/${job}/outputs/${output}`);
  const another = async () => {
    const answer = await scene.alice.open("job_output_download", { path: { job, output } });
    return [answer.status, Bun.CryptoHasher.hash("sha256", await answer.bytes(), "hex")];
  };
  await scene.until(async () => (await scene.job(job)).log !== null, "its log is sealed");
  await scene.admin.call("admin_job_archive_request", { path });
  await scene.until(async () => (await scene.job(job)).time_archived !== null, "it is archived");
  await scene.admin.call("admin_job_purge_request", { path });
  await scene.until(async () => (await scene.job(job)).time_purged !== null, "it is purged");
  const local = join(scene.server.data, "file", job, output);
  // Who has just been sent to the local file still finds it.
  expect(existsSync(local)).toBe(true);
  expect(await another()).toEqual([200, sha256]);
  await scene.until(() => !existsSync(local), "the local file is gone", 10_000);
  expect(await another()).toEqual([200, sha256]);
  expect(download.received()).toBeLessThan(LARGE);
  expect(await download.rest()).toEqual({ received: LARGE, sha256 });
});
