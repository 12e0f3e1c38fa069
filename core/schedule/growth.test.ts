import { expect, spyOn, test } from "bun:test";
import type { Core } from "../core.ts";
import { testServer } from "../fixture.ts";
import { takeLease } from "../job/lease.ts";
import { submitJob } from "../job/submit.ts";
import { createTarget } from "../target/target.ts";
import { createWorker } from "../worker/create.ts";
import { pass } from "./pass.ts";

/** Tables that grow with every job. */
const HISTORY = "job|worker|attempt|attempt_time|task|task_verdict|file|user_usage";

/** How SQLite goes about every query that `work` makes. */
function plansOf(core: Core, work: () => void): string[] {
  const asked = new Set<string>();
  const query = core.db.query.bind(core.db);
  core.db.query = ((sql: string) => {
    asked.add(sql);
    return query(sql);
  }) as typeof core.db.query;
  work();
  return [...asked].flatMap((sql) => {
    const rows = query<{ detail: string }, null[]>(`EXPLAIN QUERY PLAN ${sql}`).all(
      ...Array<null>(sql.split("?").length - 1).fill(null),
    );
    return rows.map(({ detail }) => `${detail}: ${sql}`);
  });
}

test("what a submission, a pass and a lease cost depends on what is active, never on history", async () => {
  await using server = await testServer({ quota: { max_running_jobs: 5 } });
  const { core, admin } = server;
  const { id: owner } = await server.user("alice");
  const { id: factory } = await admin.call("factory_create", { body: { name: "f" } });
  const target = createTarget(core, "default", "");
  const tasks = [{ name: "t", script: "true", env: {}, env_clear: false }];
  const prior_job = submitJob(core, owner, { name: "a", target: "default", output_rules: [], tasks });
  const depends = { a: { prior_job, copy_outputs: false, on_completed: true, on_failed: false } };
  submitJob(core, owner, { name: "b", target: "default", output_rules: [], tasks, depends });
  createWorker(core, factory, target, false);
  const plans = plansOf(core, () => {
    submitJob(core, owner, { name: "c", target: "default", output_rules: [], tasks });
    takeLease(core, factory, [[target]], "call");
    pass(core);
  });
  expect(plans.length).toBeGreaterThan(5);
  // The indexes made for it hold only what is active; any other is as long as the history.
  expect(
    plans.filter((plan) => new RegExp(`^SCAN (${HISTORY})\\b(?! USING (COVERING )?INDEX (worker_alive|job_active))`).test(plan)),
  ).toEqual([]);
});

test("a pass asks nothing of the single jobs that go on waiting, for inputs or for other jobs", async () => {
  await using server = await testServer();
  const { core } = server;
  const { id: owner } = await server.user("alice");
  createTarget(core, "default", "");
  const job = {
    name: "a",
    target: "default",
    output_rules: [],
    tasks: [{ name: "t", script: "true", env: {}, env_clear: false }],
  };
  const prior_job = submitJob(core, owner, { ...job, inputs: ["a"] });
  const asked = () => {
    const spy = spyOn(core.db, "query");
    pass(core);
    const { length } = spy.mock.calls;
    spy.mockRestore();
    return length;
  };
  const before = asked();
  const depends = { a: { prior_job, copy_outputs: false, on_completed: true, on_failed: false } };
  for (let i = 0; i < 10; i++) submitJob(core, owner, { ...job, depends });
  expect(asked()).toBe(before);
});
