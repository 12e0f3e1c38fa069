import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { CallFailed } from "../../client/failure.ts";
import type { ConfigChanges } from "../../fixture.ts";
import { aJob } from "../../fixture.ts";
import { aBucket } from "../../storage/fixture/bucket.ts";
import { getJob } from "../state.ts";
import { allOf, anArchive, anEndedJob, archived, logFile, purged, until } from "./fixture.ts";
import { dueJobs } from "./keep.ts";
import { fileKey, logKey, recordKey } from "./keys.ts";
import { parseRecord } from "./record.ts";

const statusOf = async (call: Promise<unknown>) =>
  await call.then(
    () => 204,
    (error: unknown) => (error instanceof CallFailed ? error.status : error),
  );

const STORES: [string, () => Promise<AsyncDisposable & { changes: ConfigChanges }>][] = [
  ["a directory", async () => ({ changes: {}, [Symbol.asyncDispose]: async () => {} })],
  [
    "S3",
    async () => {
      const bucket = await aBucket();
      return { changes: { storage: { s3: bucket.config } }, [Symbol.asyncDispose]: () => bucket[Symbol.asyncDispose]() };
    },
  ],
];

describe.each(STORES)("with %s", (_name, open) => {
  test("a job reads the same before and after it is archived, purged, and the server started anew", async () => {
    await using store = await open();
    const archive = await anArchive(store.changes);
    await using server = archive.server;
    const { alice } = archive;
    const { job } = await anEndedJob(archive, { "/work/a": "artefact", "/work/empty": "", "/work/big": "x".repeat(300_000) });
    await until(archive.world, async () => (await allOf(archive, job)).job.log !== null, "the log is sealed");
    const [output] = await alice.client.call("job_outputs_get", { path: { job } });
    const body = { series: "image", version: "1.0", name: "a.txt" };
    await alice.client.call("job_output_publish", { path: { job, output: output?.id ?? "" }, body });
    const published = async () => await (await fetch(`${server.url}/0/public/file/alice/image/1.0/a.txt`)).text();
    const { times: _, ...before } = await allOf(archive, job);
    expect(before.events[0]?.[1]).toContain("line 1");
    expect(before.store).toMatchObject({ plain: { value: "seen" }, hidden: { value: null } });

    await archived(archive, job);
    expect(await allOf(archive, job)).toEqual({ ...before, times: { archived: true, purged: false } });

    await purged(archive, job);
    expect(existsSync(logFile(server, job))).toBe(false);
    expect(server.core.db.query("SELECT * FROM task WHERE job = ?").all(job)).toEqual([]);
    const after = { ...before, times: { archived: true, purged: true } };
    expect(await allOf(archive, job)).toEqual(after);
    expect(await published()).toBe("artefact");
    const { url } = await alice.client.call("job_output_signed_url", {
      path: { job, output: output?.id ?? "" },
      body: { expiry_seconds: 60, content_type: "text/plain", content_disposition: "inline" },
    });
    const signed = await fetch(url);
    expect([await signed.text(), signed.headers.get("content-type")]).toEqual(["artefact", "text/plain"]);

    rmSync(join(server.data, "cache"), { recursive: true });
    const again = await server.restart();
    expect(await allOf({ ...archive, server: again, alice: { ...alice, client: again.client(alice.token) } }, job)).toEqual(
      after,
    );
    await again.stop();
  });
});

test("the log of a purged job is whole although its last sentence was the server's last", async () => {
  const archive = await anArchive();
  const { alice } = archive;
  const { id: job } = await alice.client.call("job_submit", { body: aJob() });
  await alice.client.call("job_cancel", { path: { job } });
  await until(
    archive.world,
    async () => (await alice.client.call("job_get", { path: { job } })).log !== null,
    "the log is sealed",
  );
  const events = await alice.client.call("job_events_get", { path: { job }, query: {} });
  await purged(archive, job);
  await until(archive.world, () => !existsSync(logFile(archive.server, job)), "its log is not here any more");
  await using server = await archive.server.restart();
  expect(await server.client(alice.token).call("job_events_get", { path: { job }, query: {} })).toEqual(events);
  expect(existsSync(logFile(server, job))).toBe(false);
});

test("a dependant gets the outputs of a job that is purged meanwhile", async () => {
  const archive = await anArchive();
  await using _server = archive.server;
  const { job: prior_job } = await anEndedJob(archive);
  await purged(archive, prior_job);
  const depends = { prior: { prior_job, copy_outputs: true, on_completed: true, on_failed: false } };
  const { id: job } = await archive.alice.client.call("job_submit", { body: aJob({ depends }) });
  await until(
    archive.world,
    async () => (await archive.alice.client.call("job_get", { path: { job } })).state === "queued",
    "the dependant is ready",
  );
  const { aWorker } = await import("../../fixture.ts");
  const worker = await aWorker(archive.server, archive.factory, job);
  const { job: got } = await worker.client.call("worker_ping", {});
  const [input] = got?.inputs ?? [];
  expect(input?.name).toBe("prior/work/a");
  const bytes = await worker.client.call("worker_job_input_download", { path: { job, input: input?.id ?? "" } });
  expect(await bytes.text()).toBe("artefact");
});

test("only a job that has ended is archived, only an archived one purged, and only by those who may", async () => {
  const archive = await anArchive();
  await using server = archive.server;
  const { alice } = archive;
  const { id: waiting } = await alice.client.call("job_submit", { body: aJob() });
  const { job } = await anEndedJob(archive);
  const ask = (what: "archive" | "purge", id: string, client = server.admin) =>
    statusOf(client.call(`admin_job_${what}_request`, { path: { job: id } }));
  expect(await ask("archive", waiting)).toBe(400);
  expect(await ask("purge", waiting)).toBe(400);
  expect(await ask("purge", job)).toBe(400);
  expect(await ask("archive", "01HZZZZZZZZZZZZZZZZZZZZZZZ")).toBe(404);
  expect(await ask("archive", job, alice.client)).toBe(403);
  const { client } = await server.user("keeper", "admin.job.archive");
  expect(await ask("archive", job, client)).toBe(204);
  expect(await ask("purge", job, client)).toBe(403);
  await archived(archive, job);
  expect(await ask("archive", job)).toBe(204);
  expect(await ask("purge", job)).toBe(204);
  await purged(archive, job);
  expect(await ask("purge", job)).toBe(204);
});

test("what was asked for is done by the next server too", async () => {
  await using bucket = await aBucket();
  bucket.failing = /^PUT/;
  const archive = await anArchive({ storage: { s3: bucket.config } });
  const { job } = await anEndedJob(archive);
  const path = { job };
  await archive.server.admin.call("admin_job_archive_request", { path });
  await until(archive.world, () => bucket.requests.includes(`PUT ${logKey(job)}`), "it was tried");
  bucket.failing = undefined;
  await using server = await archive.server.restart();
  const isArchived = async () => (await server.admin.call("admin_job_get", { path })).time_archived !== null;
  await until(archive.world, isArchived, "the job is archived");
});

test("an object that fails is tried again, and holds up nothing else", async () => {
  await using bucket = await aBucket();
  const archive = await anArchive({ storage: { s3: bucket.config }, archive: { auto: true } });
  await using server = archive.server;
  const { alice, world } = archive;
  const { job: first } = await anEndedJob(archive, { "/work/a": "one", "/work/b": "two" });
  const [a, b] = await alice.client.call("job_outputs_get", { path: { job: first } });
  bucket.failing = new RegExp(`PUT ${fileKey(first, a?.id ?? "")}`);
  const isArchived = async (job: string) => (await alice.client.call("job_get", { path: { job } })).time_archived !== null;
  const { job: second } = await anEndedJob(archive);
  await until(world, () => isArchived(second), "the second is archived");
  const tries = () => bucket.requests.filter((request) => request === `PUT ${fileKey(first, a?.id ?? "")}`).length;
  await until(world, () => tries() > 2, "it is tried again");
  expect(await isArchived(first)).toBe(false);
  const metrics = async () => await (await fetch(`${server.url}/metrics`)).text();
  expect(await metrics()).toContain("buildomat_archive_waiting 1");
  bucket.failing = undefined;
  await until(world, () => isArchived(first), "the first is archived");
  expect(bucket.requests.filter((request) => request === `PUT ${fileKey(first, b?.id ?? "")}`)).toHaveLength(1);
  expect(await metrics()).toContain("buildomat_archive_lag_seconds 0");
});

test("a job whose objects the store does not answer for holds up no other", async () => {
  await using bucket = await aBucket();
  const archive = await anArchive({ storage: { s3: bucket.config }, archive: { auto: true } });
  await using server = archive.server;
  const outputs = Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((name) => [`/work/${name}`, name]));
  bucket.silent = /^PUT file\//;
  await anEndedJob(archive, outputs);
  await until(archive.world, () => bucket.requests.some((request) => request.startsWith("PUT file/")), "the first is on its way");
  const { job } = await anEndedJob(archive, {});
  await until(archive.world, () => getJob(server.core, job).time_archived !== null, "the second is archived");
});

test("while the store is away, jobs that wait for another try are not looked at", async () => {
  await using bucket = await aBucket();
  bucket.failing = /^PUT/;
  const archive = await anArchive({ storage: { s3: bucket.config }, archive: { auto: true } });
  await using server = archive.server;
  const { core } = server;
  const jobs = [await anEndedJob(archive, {}), await anEndedJob(archive, {}), await anEndedJob(archive, {})].map(
    ({ job }) => job,
  );
  // A moment later, on a busy machine, the first may be due again.
  const notLookedAt = () => bucket.requests.length >= jobs.length && [...dueJobs(core)].length === 0;
  await until(archive.world, notLookedAt, "each was tried, and none is due");
  bucket.failing = undefined;
  await until(
    archive.world,
    () => core.db.query("SELECT 1 FROM archive WHERE step = 'wanted'").get() === null,
    "all are archived",
  );
  expect(jobs.map((job) => getJob(core, job).time_archived)).not.toContain(null);
});

test("a file that is not what it was is not archived, and never purged", async () => {
  const archive = await anArchive();
  await using server = archive.server;
  const { job } = await anEndedJob(archive);
  const [output] = await archive.alice.client.call("job_outputs_get", { path: { job } });
  await Bun.write(join(server.data, "file", job, output?.id ?? ""), "artefakt");
  const path = { job };
  await server.admin.call("admin_job_archive_request", { path });
  await until(
    archive.world,
    async () => (await (await fetch(`${server.url}/metrics`)).text()).includes("archive_failures_total"),
    "it was tried",
  );
  expect(await statusOf(server.admin.call("admin_job_purge_request", { path }))).toBe(400);
});

test("a job whose object the store has lost is not purged, and tried again", async () => {
  await using bucket = await aBucket();
  const archive = await anArchive({ storage: { s3: bucket.config } });
  await using server = archive.server;
  const { world } = archive;
  const { job } = await anEndedJob(archive, { "/work/a": "artefact" });
  const { job: other } = await anEndedJob(archive, {});
  const [output] = await archive.alice.client.call("job_outputs_get", { path: { job } });
  for (const id of [job, other]) await archived(archive, id);
  const key = fileKey(job, output?.id ?? "");
  await bucket.put(key, "arte");
  await server.admin.call("admin_job_purge_request", { path: { job } });
  await until(world, () => bucket.requests.includes(`HEAD ${key}`), "it was looked at");
  await purged(archive, other);
  expect(getJob(server.core, job).time_purged).toBeNull();
  expect(existsSync(join(server.data, "file", job, output?.id ?? ""))).toBe(true);
  await bucket.put(key, "artefact");
  await until(world, () => getJob(server.core, job).time_purged !== null, "it is purged");
});

test("of a purged job, what a directory has lost is told as what it is", async () => {
  const archive = await anArchive();
  await using server = archive.server;
  const { job } = await anEndedJob(archive);
  const [output] = await archive.alice.client.call("job_outputs_get", { path: { job } });
  await purged(archive, job);
  const path = { job, output: output?.id ?? "" };
  const read = async () => await statusOf(archive.alice.client.call("job_output_download", { path }));
  const object = join(server.data, "objects", fileKey(job, path.output));
  rmSync(object);
  expect(await read()).toBe(500);
  await Bun.write(object, "arte");
  expect(await read()).toBe(500);
});

describe("by themselves, jobs are", () => {
  const timesOf = async ({ alice }: Awaited<ReturnType<typeof anArchive>>, job: string) => {
    const { time_archived, time_purged } = await alice.client.call("job_get", { path: { job } });
    return [time_archived !== null, time_purged !== null];
  };

  test("neither archived nor purged unless the configuration says so", async () => {
    const archive = await anArchive();
    await using _server = archive.server;
    const { job } = await anEndedJob(archive);
    await archive.world.advance(180_000);
    expect(await timesOf(archive, job)).toEqual([false, false]);
  });

  test("archived at once and purged after their retention, which users and targets may have of their own", async () => {
    const retention = 600;
    const archive = await anArchive({
      archive: { auto: true, purge: true, retention: 2 * retention, targets: { default: { retention } } },
    });
    await using _server = archive.server;
    const { world } = archive;
    const { job } = await anEndedJob(archive);
    await until(world, async () => (await timesOf(archive, job))[0], "it is archived");
    await world.advance((retention - 60) * 1000);
    expect(await timesOf(archive, job)).toEqual([true, false]);
    await world.advance(180_000);
    expect(await timesOf(archive, job)).toEqual([true, true]);
  });

  test("a changed configuration holds for those that are there already", async () => {
    const archive = await anArchive({ archive: { users: { bob: { auto: true } } } });
    const { job } = await anEndedJob(archive);
    await until(archive.world, async () => (await archive.alice.client.call("job_get", { path: { job } })).log, "it is sealed");
    expect(await timesOf(archive, job)).toEqual([false, false]);
    await using server = await archive.server.restart({
      archive: { users: { alice: { auto: true, purge: true, retention: 0 } } },
    });
    const again = { ...archive, server, alice: { ...archive.alice, client: server.client(archive.alice.token) } };
    await until(archive.world, async () => (await timesOf(again, job))[1], "it is purged");
  });

  test("a changed configuration holds for however many there are", async () => {
    const archive = await anArchive();
    const { world, alice } = archive;
    const jobs = await Promise.all(
      Array.from({ length: 101 }, async () => {
        const { id: job } = await alice.client.call("job_submit", { body: aJob() });
        await alice.client.call("job_cancel", { path: { job } });
        return job;
      }),
    );
    for (const job of jobs)
      await until(world, async () => (await alice.client.call("job_get", { path: { job } })).log, "all are sealed");
    await using server = await archive.server.restart({ archive: { auto: true } });
    for (const job of jobs.toSorted().toReversed()) {
      const isArchived = async () => (await server.admin.call("admin_job_get", { path: { job } })).time_archived !== null;
      await until(world, isArchived, "all are archived");
    }
  }, 60_000);
});

test("the record of a job holds no secret, and is what its hash says", async () => {
  const archive = await anArchive();
  await using server = archive.server;
  const { job } = await anEndedJob(archive);
  await archived(archive, job);
  const text = await Bun.file(join(server.data, "objects", recordKey(job))).text();
  expect(text).not.toContain("unseen");
  const record = parseRecord(text);
  expect(record).toMatchObject({ job: { id: job }, owner: { name: "alice" }, tags: [{ name: "branch", value: "main" }] });
  expect(record.workers[0]?.factory.name).toBe("box");
  expect(() => parseRecord(text.replace("artefact", "artefakt").replace('"main"', '"other"'))).toThrow("hash");
  // Nothing is left of what was made on the way.
  expect(readdirSync(join(server.data, "cache"))).toEqual([]);
});

test("an object in the way of another job's does not stop the server", async () => {
  const archive = await anArchive();
  await using server = archive.server;
  const { job } = await anEndedJob(archive);
  const inTheWay = join(server.data, "objects", logKey(job));
  mkdirSync(join(inTheWay, "x"), { recursive: true });
  await server.admin.call("admin_job_archive_request", { path: { job } });
  await until(
    archive.world,
    async () => (await (await fetch(`${server.url}/metrics`)).text()).includes("archive_failures_total"),
    "it was tried",
  );
  rmSync(dirname(inTheWay), { recursive: true });
  await archived(archive, job);
});
