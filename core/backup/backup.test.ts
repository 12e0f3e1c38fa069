import { describe, expect, test } from "bun:test";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { stringify } from "smol-toml";
import { reasonOf } from "../common/errors.ts";
import { silent } from "../common/logger.ts";
import { openReadOnly } from "../common/sqlite/open.ts";
import { realWorld } from "../common/world.ts";
import { Config } from "../config.ts";
import { ADMIN_TOKEN, aJob, aWorker, type ConfigChanges, serveIn, type TestServer } from "../fixture.ts";
import { allOf, anArchive, anEndedJob, archived, purged, until, upload } from "../job/archive/fixture.ts";
import { parseRecord, renderRecord } from "../job/archive/record.ts";
import { aBucket } from "../storage/fixture/bucket.ts";
import { backup } from "./backup.ts";
import { restoreFromArchive } from "./from-archive.ts";
import { restore } from "./restore.ts";

const scratch = () => mkdtempSync(join(tmpdir(), "backup-"));
const configOf = (data: string, changes: ConfigChanges = {}): Config =>
  Value.Decode(Config, Value.Default(Config, { ...changes, general: { data }, admin: { token: ADMIN_TOKEN } }));
const failure = async (work: Promise<unknown>) => await work.then(() => "it worked", reasonOf);

/** A lost agent is given up soon. */
const schedule = { silence_limit: 10, restart_grace: 5 };

type Archive = Awaited<ReturnType<typeof anArchive>>;

/** The same users and factories, at another server. */
const at = (archive: Archive, server: TestServer): Archive => ({
  ...archive,
  server,
  alice: { ...archive.alice, client: server.client(archive.alice.token) },
});

/** The database as it was: so the rest of a backup finds it that is made much later. */
function putBack(server: TestServer, state: string): void {
  copyFileSync(join(state, "core.sqlite"), join(server.data, "core.sqlite"));
  for (const suffix of ["-wal", "-shm"]) rmSync(join(server.data, `core.sqlite${suffix}`), { force: true });
}

/** A job that ends, and whose log is sealed, after the state was copied to `to`; the server is stopped then. */
async function endsAfterState({ server, world, alice, factory }: Archive): Promise<{ job: string; to: string }> {
  const { id: job } = await alice.client.call("job_submit", { body: aJob() });
  const worker = await aWorker(server, factory, job);
  const to = join(scratch(), "state");
  await backup(configOf(server.data), to, { world, stateOnly: true });
  await worker.client.call("worker_job_complete", { path: { job }, body: { failed: true } });
  await until(world, async () => (await alice.client.call("job_get", { path: { job } })).log, "the log is sealed");
  await server.stop();
  return { job, to };
}

/** For the restored server the job still runs, on a machine that is silent: its log goes on, and says so in the end. */
async function endsAgain({ world, alice: { client } }: Archive, job: string): Promise<void> {
  const path = { job };
  await until(world, async () => (await client.call("job_get", { path })).log, "the job has ended again");
  const events = await client.call("job_events_get", { path, query: {} });
  expect(events.at(-1)?.payload).toContain("its agent has said nothing");
}

describe("a drill: a server is backed up while it works, and restored elsewhere", () => {
  test("everything that has ended reads as before, and what was running ends", async () => {
    const archive = await anArchive({ schedule });
    await using server = archive.server;
    const { world, alice, factory } = archive;
    const { job: kept } = await anEndedJob(archive);
    const { job: gone } = await anEndedJob(archive, { "/work/b": "purged" });
    await purged(archive, gone);
    await until(world, async () => (await alice.client.call("job_get", { path: { job: kept } })).log, "the log is sealed");
    const [before, beforeOfGone] = [await allOf(archive, kept), await allOf(archive, gone)];
    const { id: running } = await alice.client.call("job_submit", { body: aJob({ output_rules: ["/work/*"] }) });
    const worker = await aWorker(server, factory, running);
    const say = (first: number) =>
      worker.client.call("worker_job_append", {
        path: { job: running },
        query: { first },
        body: [{ stream: "stdout", time: "2026-01-02T03:04:05.678Z", payload: `line ${first}`, task: 0 }],
      });
    await say(1);

    const to = join(scratch(), "backup");
    let lines = 1;
    const busy = new AbortController();
    const writing = (async () => {
      while (!busy.signal.aborted) {
        await say(++lines);
        await Bun.sleep(1);
      }
    })();
    await backup(configOf(server.data), to, { world, stateOnly: false });
    busy.abort();
    await writing;

    const data = scratch();
    await restore(configOf(data), to);
    await using again = await serveIn(data, { schedule }, world);
    const restored = at(archive, again);
    expect(await allOf(restored, kept)).toEqual(before);
    expect(await allOf(restored, gone)).toEqual(beforeOfGone);
    const path = { job: running };
    await until(world, async () => (await restored.alice.client.call("job_get", { path })).log, "the running job has ended");
    expect(await restored.alice.client.call("job_get", { path })).toMatchObject({ state: "failed" });
    const events = await restored.alice.client.call("job_events_get", { path, query: {} });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    expect(events.map(({ payload }) => payload)).toContain("line 1");
    expect(events.at(-1)?.payload).toContain("its agent has said nothing");
  });

  test("a log that was sealed after the database was copied goes on where the database is", async () => {
    const archive = await anArchive({ schedule });
    await using server = archive.server;
    const { world } = archive;
    const { job, to } = await endsAfterState(archive);
    putBack(server, to);
    const [full, data] = [join(scratch(), "backup"), scratch()];
    await backup(configOf(server.data), full, { world, stateOnly: false });
    await restore(configOf(data), full);
    await using again = await serveIn(data, { schedule }, world);
    await endsAgain(at(archive, again), job);
  });
});

test("outputs that a lost machine had made may go while the backup is made", async () => {
  const archive = await anArchive({ schedule });
  await using server = archive.server;
  const { world, alice, factory } = archive;
  const body = aJob({ output_rules: ["/work/*"], retries_on_lost_worker: 1 });
  const { id: job } = await alice.client.call("job_submit", { body });
  const worker = await aWorker(server, factory, job);
  await upload(server, worker.client, job, "/work/a", "artefact");
  const to = join(scratch(), "state");
  await backup(configOf(server.data), to, { world, stateOnly: true });
  await factory.client.call("factory_worker_destroy", { path: { worker: worker.id } });
  await until(world, () => readdirSync(join(server.data, "file", job)).length === 0, "they are dropped");
  await server.stop();
  putBack(server, to);
  const [full, data] = [join(scratch(), "backup"), scratch()];
  await backup(configOf(server.data), full, { world, stateOnly: false });
  await restore(configOf(data), full);
  await using again = await serveIn(data, { schedule }, world);
  const { client } = at(archive, again).alice;
  expect(await client.call("job_outputs_get", { path: { job } })).toEqual([]);
});

test("the state alone is small, and whole", async () => {
  const archive = await anArchive();
  await using server = archive.server;
  const { job } = await anEndedJob(archive);
  const to = join(scratch(), "backup");
  await backup(configOf(server.data), to, { world: archive.world, stateOnly: true });
  expect(readdirSync(to).sort()).toEqual(["core.sqlite", "manifest.jsonl", "secret"]);
  const db = openReadOnly(join(to, "core.sqlite"));
  expect(db.query("SELECT id FROM job").all()).toEqual([{ id: job }]);
  expect(db.query("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  db.close();
});

test("a job whose log is not in the backup ends too, and says why", async () => {
  const archive = await anArchive({ schedule });
  await using server = archive.server;
  const { id: job } = await archive.alice.client.call("job_submit", { body: aJob() });
  await aWorker(server, archive.factory, job);
  const [to, data] = [join(scratch(), "backup"), scratch()];
  await backup(configOf(server.data), to, { world: archive.world, stateOnly: true });
  await restore(configOf(data), to);
  await using again = await serveIn(data, { schedule }, archive.world);
  const { client } = at(archive, again).alice;
  const path = { job };
  await until(archive.world, async () => (await client.call("job_get", { path })).log, "the job has ended");
  expect((await client.call("job_events_get", { path, query: {} })).at(-1)?.payload).toContain("its agent has said nothing");
});

test("a backup is for its owner's eyes, whatever directory it was told to use", async () => {
  const archive = await anArchive();
  await using server = archive.server;
  const to = join(scratch(), "backup");
  mkdirSync(to, { mode: 0o755 });
  await backup(configOf(server.data), to, { world: archive.world, stateOnly: true });
  const modes = readdirSync(to).map((name) => [name, (statSync(join(to, name)).mode & 0o777).toString(8)]);
  expect(Object.fromEntries(modes)).toEqual({ "core.sqlite": "600", "manifest.jsonl": "600", secret: "600" });
});

describe("where something is left of an earlier server", () => {
  test("a restored one knows what the backup does, and nothing else", async () => {
    const archive = await anArchive();
    await using server = archive.server;
    const { job } = await anEndedJob(archive);
    const to = join(scratch(), "backup");
    await backup(configOf(server.data), to, { world: archive.world, stateOnly: false });
    await server.user("later");
    const data = scratch();
    // Somebody has removed the database alone.
    copyFileSync(join(server.data, "core.sqlite-wal"), join(data, "core.sqlite-wal"));
    mkdirSync(join(data, "cache"));
    writeFileSync(join(data, "cache", `log-${job}.sqlite`), "another log");
    await restore(configOf(data), to);
    expect(existsSync(join(data, "cache"))).toBe(false);
    await using again = await serveIn(data, {}, archive.world);
    const users = await again.admin.call("users_list", { query: {} });
    expect(users.map(({ name }) => name)).toContain("alice");
    expect(users.map(({ name }) => name)).not.toContain("later");
  });

  test("logs that are ahead of the database go on where that is", async () => {
    const archive = await anArchive({ schedule });
    await using server = archive.server;
    const { world } = archive;
    const { job, to } = await endsAfterState(archive);
    rmSync(join(server.data, "core.sqlite"));
    await restore(configOf(server.data), to);
    await using again = await serveIn(server.data, { schedule }, world);
    await endsAgain(at(archive, again), job);
  });

  test("a file that the backup has damaged stays as it was", async () => {
    const storage = { directory: scratch() };
    const archive = await anArchive({ storage });
    await using server = archive.server;
    const { job } = await anEndedJob(archive);
    await archived(archive, job);
    const to = join(scratch(), "backup");
    await backup(configOf(server.data, { storage }), to, { world: archive.world, stateOnly: false });
    const [file = ""] = readdirSync(join(to, "objects/file", job));
    const object = join("file", job, file);
    const another = join(scratch(), "another");
    linkSync(join(storage.directory, object), another);
    rmSync(join(to, "objects", object));
    writeFileSync(join(to, "objects", object), "artefakt");
    expect(await failure(restore(configOf(scratch(), { storage }), to))).toContain("was changed");
    expect(readFileSync(join(storage.directory, object), "utf8")).toBe("artefact");
    expect(readFileSync(another, "utf8")).toBe("artefact");
    expect(readdirSync(join(storage.directory, "file", job))).toEqual([file]);
  });
});

describe("refused is", () => {
  test("a backup into a directory that holds something, and of nothing", async () => {
    const to = scratch();
    writeFileSync(join(to, "other"), "");
    const options = { world: (await anArchive()).world, stateOnly: true };
    expect(await failure(backup(configOf(scratch()), join(to, "x"), options))).toContain("there is no core.sqlite");
    await using server = (await anArchive()).server;
    expect(await failure(backup(configOf(server.data), to, options))).toContain("is not empty");
  });

  test("a restore of what was changed, was never finished, or over what is there", async () => {
    const archive = await anArchive();
    await using server = archive.server;
    const { job } = await anEndedJob(archive);
    const to = join(scratch(), "backup");
    await backup(configOf(server.data), to, { world: archive.world, stateOnly: false });
    expect(await failure(restore(configOf(server.data), to))).toContain("another server is using");
    const data = scratch();
    writeFileSync(join(data, "core.sqlite"), "");
    expect(await failure(restore(configOf(data), to))).toContain("has a core.sqlite already");
    const [file = ""] = readdirSync(join(to, "file", job));
    rmSync(join(to, "file", job, file));
    writeFileSync(join(to, "file", job, file), "artefakt");
    const other = scratch();
    expect(await failure(restore(configOf(other), to))).toContain("was changed");
    expect(readdirSync(other).filter((name) => name.startsWith("core."))).toEqual([]);
    rmSync(join(to, "manifest.jsonl"));
    expect(await failure(restore(configOf(scratch()), to))).toContain("is no complete backup");
  });
});

test("a lost database is made anew from the archive", async () => {
  await using bucket = await aBucket();
  const storage = { s3: bucket.config };
  const archive = await anArchive({ storage });
  await using _server = archive.server;
  const { world } = archive;
  const { job: prior_job } = await anEndedJob(archive);
  await archived(archive, prior_job);
  const { times: _, ...before } = await allOf(archive, prior_job);
  const { job: spoilt } = await anEndedJob(archive);
  await archived(archive, spoilt);
  await bucket.put(`job/1/${spoilt}.json`, '{"format":"buildomat job","version":1,"sha256":"0","record":{}}');

  const data = scratch();
  const { jobs, failed } = await restoreFromArchive(configOf(data, { storage }), { world, logger: silent });
  expect({ jobs, failed }).toEqual({ jobs: 1, failed: [`job/1/${spoilt}.json`] });
  await using again = await serveIn(data, { storage }, world);
  const [owner] = await again.admin.call("users_list", { query: { name: "alice" } });
  expect(owner?.id).toBe(archive.alice.id);
  // Nobody has a token: the administrator reads for them.
  const { time_archived, time_purged, ...job } = await again.admin.call("admin_job_get", { path: { job: prior_job } });
  expect(job).toEqual(before.job);
  expect([time_archived, time_purged]).not.toContain(null);
  const reader = await again.user("reader", "admin.job.read");
  const restored = { ...archive, server: again, alice: reader };
  const after = await allOf(restored, prior_job);
  expect({ ...after, list: before.list, times: undefined }).toEqual({ ...before, times: undefined });
  expect((await again.admin.call("admin_jobs_list", { query: { tag: "branch=main" } })).items).toEqual(before.list);
});

test("while the store is away for a moment, records are asked for again; what is no record, and what is newer, is told", async () => {
  await using bucket = await aBucket();
  const storage = { s3: bucket.config };
  const archive = await anArchive({ storage });
  await using _server = archive.server;
  const { job } = await anEndedJob(archive, {});
  await archived(archive, job);
  await bucket.put("job/1/a b.json", "");
  await bucket.put("job/2/new.json", '{"format":"buildomat job","version":2}');
  await bucket.put("job/1/page.json", "<html>no record</html>");
  bucket.failing = /^GET job\/1\//;
  bucket.requests.splice(0);
  const told: string[] = [];
  const logger = { ...silent, error: (message: string) => void told.push(message) };
  const restoring = restoreFromArchive(configOf(scratch(), { storage }), { world: realWorld(), logger });
  while (!bucket.requests.some((request) => request.startsWith("GET job/1/"))) await Bun.sleep(5);
  bucket.failing = undefined;
  const { jobs, failed } = await restoring;
  expect([jobs, ...failed.toSorted()]).toEqual([1, "job/1/a b.json", "job/1/page.json", "job/2/new.json"]);
  expect(told.toSorted()).toEqual([
    expect.stringContaining("cannot restore job/1/a b.json: not the key of an object"),
    expect.stringContaining("cannot restore job/1/page.json: it is no record of a job"),
    expect.stringContaining("cannot restore job/2/new.json: it was written by a newer program, in version 2"),
  ]);
});

test("while the store does not let anybody read, nothing is restored", async () => {
  await using bucket = await aBucket();
  const storage = { s3: bucket.config };
  const { world } = await anArchive();
  await bucket.put("job/1/a.json", "{}");
  bucket.failing = /^GET job/;
  const data = scratch();
  let reason = "";
  void failure(restoreFromArchive(configOf(data, { storage }), { world, logger: silent })).then((told) => {
    reason = told;
  });
  await until(world, () => reason !== "", "it is given up");
  expect(reason).toContain("nothing was restored: the object store does not give job/1/a.json: SlowDown");
  expect(existsSync(join(data, "core.sqlite"))).toBe(false);
});

test("a database that was being made anew when its program was killed is none", async () => {
  const asked = Promise.withResolvers<void>();
  const silence = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => {
      asked.resolve();
      return new Promise<Response>(() => {});
    },
  });
  const dir = scratch();
  const data = join(dir, "data");
  const s3 = { bucket: "bucket", endpoint: silence.url.href, access_key_id: "a", secret_access_key: "b" };
  const file = join(dir, "server.toml");
  writeFileSync(file, stringify({ general: { data }, admin: { token: ADMIN_TOKEN }, storage: { s3 } }));
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../main.ts"), "restore", "--from-archive", "--config", file]);
  await asked.promise;
  child.kill("SIGKILL");
  await child.exited;
  await silence.stop(true);
  expect(existsSync(join(data, "core.sqlite"))).toBe(false);
  const again = restoreFromArchive(configOf(data), { world: realWorld(), logger: silent });
  await expect(again).rejects.toThrow("the object store has no record of a job; is [storage] the lost server's?");
  expect(readdirSync(data).filter((name) => name.startsWith("core."))).toEqual([]);
});

test("a machine that outlived its job's archiving ends there in a new database; of one that an older record tells of, the cost is not known", async () => {
  const storage = { directory: scratch() };
  const archive = await anArchive({ storage });
  await using server = archive.server;
  const { world, alice } = archive;
  const jobs: string[] = [];
  for (let i = 0; i < 2; i++) {
    const { id: job } = await alice.client.call("job_submit", { body: aJob() });
    const worker = await aWorker(server, archive.factory, job, { instance_type: "large" });
    await world.advance(10_000);
    await worker.client.call("worker_job_complete", { path: { job }, body: { failed: false } });
    await archived(archive, job);
    jobs.push(job);
  }
  const [job = "", older = ""] = jobs;
  const file = join(storage.directory, `job/1/${older}.json`);
  const record = parseRecord(await Bun.file(file).text());
  const workers = record.workers.map(({ time_destroyed: _, hour_price: __, currency: ___, ...worker }) => worker);
  writeFileSync(file, renderRecord({ ...record, workers: workers as typeof record.workers }));

  const data = scratch();
  expect(await restoreFromArchive(configOf(data, { storage }), { world, logger: silent })).toEqual({ jobs: 2, failed: [] });
  await using again = await serveIn(data, { storage }, world);
  const { cost, times, time_archived } = await again.admin.call("admin_job_get", { path: { job } });
  const seconds = (Date.parse(time_archived ?? "") - Date.parse(times["launched"] ?? "")) / 1000;
  expect(seconds).toBeGreaterThanOrEqual(10);
  expect(cost).toEqual({ instance_seconds: seconds, money: Math.round(seconds * 100) / 1e6, currency: "USD" });
  expect(await again.admin.call("admin_job_get", { path: { job: older } })).toMatchObject({ id: older, cost: null });
});

test("the commands do so, and say what they did", async () => {
  const storage = { directory: scratch() };
  const archive = await anArchive({ storage });
  await using server = archive.server;
  const { job } = await anEndedJob(archive);
  await archived(archive, job);
  const dir = scratch();
  const run = async (data: string, ...command: string[]) => {
    const file = join(dir, "server.toml");
    writeFileSync(file, stringify({ general: { data }, admin: { token: ADMIN_TOKEN }, storage }));
    const main = join(import.meta.dir, "../main.ts");
    const child = Bun.spawn([process.execPath, main, ...command, "--config", file], { stdout: "pipe", stderr: "pipe" });
    const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    return { code: await child.exited, out, error };
  };
  const to = join(dir, "backup");
  expect(await run(server.data, "backup", to)).toMatchObject({ code: 0, out: expect.stringContaining(" files, ") });
  expect(await run(server.data, "backup", to)).toMatchObject({ code: 1, error: expect.stringContaining("is not empty") });
  expect(await run(join(dir, "data"), "restore", to)).toMatchObject({ code: 0, out: expect.stringContaining("restored from") });
  expect(existsSync(join(dir, "data", "core.sqlite"))).toBe(true);
  expect(await run(join(dir, "new"), "restore", "--from-archive")).toMatchObject({
    code: 0,
    out: expect.stringContaining("1 job restored"),
  });
  expect(await run(join(dir, "new"), "backup", join(dir, "of-new"))).toMatchObject({ code: 0 });
  const told = (error: string) => ({ code: 2, error: expect.stringContaining(error) });
  expect(await run(server.data, "backup")).toMatchObject(told("backup wants one directory"));
  expect(await run(server.data, "restore", to, "--from-archive")).toMatchObject(told("restore wants one directory, or"));
});
