import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, METADATA, RULES } from "./old/deeds.ts";
import { job, oldHouse } from "./old/house.ts";
import { operations } from "./schema.ts";

type House = Awaited<ReturnType<typeof oldHouse>>;
type Named = { id: string };

const bytes = (text: string) => new TextEncoder().encode(text);
const dir = mkdtempSync(join(tmpdir(), "conformance-"));
const agent = join(dir, "agent");
writeFileSync(agent, "#!/bin/sh\n");
let house: House;

/** Every operation is called once with success, most of them by the original's clients at work; each answer is held against the table. */
beforeAll(async () => {
  house = await oldHouse({ deeds: { build }, metadata: METADATA, flush: true, config: { general: { agent } } });
  const alice = await house.user("alice");
  const id = await alice.submit(job("build", { output_rules: RULES }), { "hello.txt": bytes("hello input") });
  await alice.tail(id);
  await usersAct(alice, id);
  await operatorsAct(id);
  await workersAct(alice);
  await house.admin.call("worker_events_get", { path: { worker: await aWorkerOf(id) } });
  await house.close();
  for (const name of ["agent", "agent_head", "agent_packed", "agent_packed_head"]) await house.wire.must(name);
}, 60_000);

afterAll(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

async function usersAct(alice: Awaited<ReturnType<House["user"]>>, id: string): Promise<void> {
  const at = { path: { job: id } };
  for (const name of ["whoami", "jobs_list", "jobs_list_old"]) await alice.call(name);
  for (const name of ["job_get", "job_events_get", "job_store_get_all"]) await alice.call(name, at);
  await alice.copy(id, "/work/a.txt");
  await alice.sign(id, "/work/a.txt");
  const path = { username: "alice", series: "series", version: "v1.0", name: "a.txt" };
  await alice.publish(id, "/work/a.txt", path);
  await house.wire.must("public_file_download", { path });
  await house.wire.must("public_file_head", { path });
  const [output] = await alice.call<Named[]>("job_outputs_get", at);
  await alice.call("job_output_head", { path: { job: id, output: output?.id ?? "" } });
  const { id: waiting } = await alice.call<Named>("job_submit", { body: job("waits", { inputs: ["a", "b"] }) });
  await alice.call("job_store_put", { path: { job: waiting, name: "key" }, body: { value: "v", secret: true } });
  const chunk = await alice.call<Named>("job_upload_chunk", { path: { job: waiting }, body: bytes("abc") });
  await alice.call("job_add_input_at_once", { path: { job: waiting }, body: { name: "a", size: 3, chunks: [chunk.id] } });
  await alice.call("job_cancel", { path: { job: waiting } });
}

async function operatorsAct(id: string): Promise<void> {
  const { admin, factory } = house;
  const user = (await admin.call<Named>("user_create", { body: { name: "bob" } })).id;
  await admin.call("users_list", { query: { name: "bob" } });
  await admin.call("user_privilege_grant", { path: { user, privilege: "target/x" } });
  await admin.call("user_get", { path: { user } });
  await admin.call("user_privilege_revoke", { path: { user, privilege: "target/x" } });
  await admin.call("factory_disable", { path: { factory: factory.id } });
  await admin.call("factory_enable", { path: { factory: factory.id }, body: { hold_workers: false } });
  await admin.call("factories_list");
  const target = (await admin.call<Named>("target_create", { body: { name: "spare", desc: "" } })).id;
  await admin.call("target_redirect", { path: { target }, body: { redirect: house.target } });
  await admin.call("target_require_privilege", { path: { target, privilege: "target/x" } });
  await admin.call("targets_list");
  await admin.call("target_require_no_privilege", { path: { target } });
  await admin.call("target_rename", { path: { target }, body: { new_name: "old", signpost_description: "moved" } });
  for (const name of ["control_hold", "control_resume", "admin_jobs_list", "workers_list", "workers_list_old"])
    await admin.call(name);
  await admin.call("workers_recycle");
  await admin.call("admin_jobs_get", { query: { completed: 10 } });
  await admin.call("admin_job_get", { path: { job: id } });
  await admin.call("admin_job_archive_request", { path: { job: id } });
  while ((await admin.call<{ time_archived: string | null }>("admin_job_get", { path: { job: id } })).time_archived === null)
    await Bun.sleep(5);
  await admin.call("admin_job_purge_request", { path: { job: id } });
}

async function aWorkerOf(id: string): Promise<string> {
  const { items } = await house.admin.list<{ id: string; jobs: Named[] }>("workers_list", { active: false });
  return items.find(({ jobs }) => jobs.some((of) => of.id === id))?.id ?? "none";
}

/** By hand, what the original's agents do only when something is wrong, or did when they were young. */
async function workersAct(alice: Awaited<ReturnType<House["user"]>>): Promise<void> {
  const { admin, wire } = house;
  const { id: target } = await admin.call<Named>("target_create", { body: { name: "by hand", desc: "" } });
  const { token: factory } = await admin.call<{ token: string }>("factory_create", { body: { name: "hand" } });
  const id = await alice.submit(job("by hand", { target: "by hand" }));
  await wire.must("factory_lease", { token: factory, body: { supported_targets: [target] } });
  await wire.must("factory_lease_renew", { token: factory, path: { job: id } });
  await wire.must("factory_ping", { token: factory });
  const made = await wire.call<Named & { bootstrap: string }>("factory_worker_create", {
    token: factory,
    body: { target, job: id },
  });
  const at = { path: { worker: made.id } };
  await wire.must("factory_worker_associate", { token: factory, ...at, body: { private: "box" } });
  const token = "a".repeat(64);
  await wire.must("worker_bootstrap", { body: { bootstrap: made.bootstrap, token } });
  const event = { stream: "stdout", time: "2026-01-02T03:04:05+02:00", payload: "hello" };
  await wire.must("worker_job_append_one", { token, path: { job: id }, body: event });
  await wire.must("worker_task_append", { token, path: { job: id, task: 0 }, body: event });
  const chunk = await wire.call<Named>("worker_job_upload_chunk", { token, path: { job: id }, body: bytes("abc") });
  const output = { path: "/work/old", size: 3, chunks: [chunk.id] };
  await wire.must("worker_job_add_output_at_once", { token, path: { job: id }, body: output });
  await admin.call("worker", at);
  await admin.call("worker_hold_mark", { ...at, body: { reason: "to look at it" } });
  await admin.call("worker_hold_release", at);
  await admin.call("worker_recycle", at);
  await wire.must("worker_fail", { token, body: { reason: null } });
  await wire.must("factory_worker_destroy", { token: factory, ...at });
}

describe("each operation answers as the original's does", () => {
  test.each(Object.entries(operations))("%s", (name, { method, path }) => {
    if (!house.wire.exercised.has(name)) throw new Error(`${method} ${path} was never called with success`);
    expect(house.wire.exercised.has(name)).toBe(true);
  });
});
