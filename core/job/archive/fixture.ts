import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ManualWorld, manualWorld } from "../../../test/fixture/manual-world.ts";
import { aFactory, aJob, aWorker, type ConfigChanges, type TestServer, testServer } from "../../fixture.ts";

const prices = { instances: { large: { hour: 0.36 } } };

/** A server whose clock stands still, with a factory and a user. */
export async function anArchive(changes: ConfigChanges = {}) {
  const world = manualWorld();
  const server = await testServer({ prices, ...changes }, world);
  return { world, server, factory: await aFactory(server), alice: await server.user("alice") };
}

type Archive = Awaited<ReturnType<typeof anArchive>>;

/** Several thousand lines make more than one page of the log. */
export const LINES = 2_500;

/** A job that has ended with what a job can have: outputs of this content by path, a long log, a store, a tag, a machine that is paid for. */
export async function anEndedJob(
  { server, factory, alice }: Archive,
  outputs: Record<string, string> = { "/work/a": "artefact" },
) {
  const { id: job } = await alice.client.call("job_submit", {
    body: aJob({ output_rules: ["=/work/*"], tags: { branch: "main" } }),
  });
  await factory.client.call("factory_lease", { body: { supported_targets: [factory.target] }, query: {} });
  const worker = await aWorker(server, factory, job, { instance_type: "large" });
  const path = { job };
  const events = Array.from({ length: LINES }, (_, i) => ({ stream: "stdout", time: TIME, payload: `line ${i}`, task: 0 }));
  await worker.client.call("worker_job_append", { path, query: { first: 1 }, body: events });
  for (const [name, value, secret] of [["plain", "seen", false] as const, ["hidden", "unseen", true] as const])
    await worker.client.call("worker_job_store_put", { path: { job, name }, body: { value, secret } });
  for (const [output, text] of Object.entries(outputs)) await upload(server, worker.client, job, output, text);
  await worker.client.call("worker_task_complete", { path: { job, task: 0 }, body: { failed: false } });
  await worker.client.call("worker_job_complete", { path, body: { failed: false } });
  await factory.client.call("factory_worker_destroy", { path: { worker: worker.id } });
  return { job };
}

const TIME = "2026-01-02T03:04:05.678Z";

export async function upload(
  server: TestServer,
  client: Awaited<ReturnType<typeof aWorker>>["client"],
  job: string,
  path: string,
  text: string,
): Promise<void> {
  const { id: chunk } = await client.call("worker_job_upload_chunk", { path: { job }, body: new TextEncoder().encode(text) });
  const body = { path, size: text.length, chunks: [chunk], commit_id: server.core.world.id() };
  await client.poll("worker_job_add_output", { path: { job }, body }, { wait: 10 });
}

/** Moves the clock on, a second at a time, until it is so. */
export async function until(world: ManualWorld, isSo: () => unknown, what: string): Promise<void> {
  for (let tries = 0; tries < 2_000; tries++) {
    if (await isSo()) return;
    await world.advance(1_000);
  }
  throw new Error(`it never came to be that ${what}`);
}

export async function archived({ world, server }: Archive, job: string): Promise<void> {
  const path = { job };
  await server.admin.call("admin_job_archive_request", { path });
  const isArchived = async () => (await server.admin.call("admin_job_get", { path })).time_archived !== null;
  await until(world, isArchived, `job ${job} is archived`);
}

/** Purged, and nothing of it left in its place. */
export async function purged(archive: Archive, job: string): Promise<void> {
  const { world, server } = archive;
  await archived(archive, job);
  await server.admin.call("admin_job_purge_request", { path: { job } });
  await until(world, () => !existsSync(join(server.data, "file", job)) && !existsSync(logFile(server, job)), `${job} is purged`);
}

export const logFile = (server: TestServer, job: string): string => join(server.data, "log", job.slice(-2), `${job}.sqlite`);

/** Everything that a user can read of a job. */
export async function allOf({ server, alice }: Archive, job: string) {
  const get = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${alice.token}`, ...init.headers };
    const answer = await fetch(`${server.url}${path}`, { ...init, headers });
    const names = ["content-length", "content-range", "content-type", "etag", "accept-ranges"];
    return [answer.status, await answer.text(), Object.fromEntries(names.map((name) => [name, answer.headers.get(name)]))];
  };
  const { time_archived, time_purged, ...described } = await alice.client.call("job_get", { path: { job } });
  const outputs = await alice.client.call("job_outputs_get", { path: { job } });
  const files: unknown[] = [];
  for (const { id } of outputs)
    for (const init of [
      {},
      { headers: { range: "bytes=2-4" } },
      { headers: { range: "bytes=-2" } },
      { headers: { range: "bytes=99999-" } },
      { method: "HEAD" },
    ])
      files.push(await get(`/0/jobs/${job}/outputs/${id}`, init));
  return {
    times: { archived: time_archived !== null, purged: time_purged !== null },
    job: described,
    outputs,
    files,
    list: (await alice.client.call("jobs_list", { query: { tag: "branch=main" } })).items.filter(({ id }) => id === job),
    store: await alice.client.call("job_store_get_all", { path: { job } }),
    events: [await get(`/0/jobs/${job}/events`), await get(`/0/jobs/${job}/events?minseq=${LINES - 3}`)],
    watch: [await get(`/0/jobs/${job}/watch?minseq=0`), await get(`/0/jobs/${job}/watch`)],
  };
}
