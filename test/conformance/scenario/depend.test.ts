import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { aJob } from "../../../core/fixture.ts";
import { Scene, UNKNOWN } from "./scene.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene[Symbol.asyncDispose]());

const on = (prior_job: string, changes: object) => ({
  depends: { lib: { prior_job, copy_outputs: false, on_completed: false, on_failed: false, ...changes } },
});

/** A job that has ended with one output. */
async function aPrior(failed: boolean): Promise<string> {
  const job = await scene.submit();
  const worker = await scene.worker(job);
  await scene.output(worker, job, "/work/out.txt", "made before");
  await scene.finish(worker, job, failed);
  return job;
}

describe.each([
  { prior: "completed", on_completed: true, on_failed: false, state: "queued" },
  { prior: "completed", on_completed: false, on_failed: true, state: "failed" },
  { prior: "completed", on_completed: true, on_failed: true, state: "queued" },
  { prior: "failed", on_completed: true, on_failed: false, state: "failed" },
  { prior: "failed", on_completed: false, on_failed: true, state: "queued" },
  { prior: "failed", on_completed: true, on_failed: true, state: "queued" },
])("after a job that has $prior", ({ prior, on_completed, on_failed, state }) => {
  test.each(["submitted before", "submitted after"])(
    `one that wants completed: ${on_completed}, failed: ${on_failed}, %s its end, is ${state}`,
    async (when) => {
      const first = await scene.submit();
      const worker = await scene.worker(first);
      const wants = { on_completed, on_failed };
      const before = when === "submitted before" ? await scene.submit(on(first, wants)) : undefined;
      await scene.world.advance(1_000);
      if (before) expect(await scene.state(before)).toBe("waiting");
      await scene.finish(worker, first, prior === "failed");
      const second = before ?? (await scene.submit(on(first, wants)));
      await scene.world.advance(1_000);
      expect(await scene.state(second)).toBe(state);
      if (state === "failed") expect((await scene.log(second)).at(-1)).toContain(`dependency "lib": job ${first}`);
    },
  );
});

describe("a dependency", () => {
  test("is of one's own jobs, wants something, and has a name that can be part of a path", async () => {
    const bob = await scene.user("bob");
    const { id: bobs } = await bob.call("job_submit", { body: aJob() });
    const refused = async (changes: object) => {
      const { status, json } = await scene.alice.ask("job_submit", { body: aJob(changes) });
      return { status, message: (json as { message: string }).message };
    };
    const wanted = { on_completed: true };
    // Nobody learns which jobs others have.
    expect(await refused(on(bobs, wanted))).toEqual({ status: 409, message: `dependency "lib": you have no job ${bobs}` });
    expect(await refused(on(UNKNOWN, wanted))).toEqual({ status: 409, message: `dependency "lib": you have no job ${UNKNOWN}` });
    const mine = await scene.submit();
    expect((await refused(on(mine, {}))).status).toBe(400);
    expect((await refused(on("no-id", wanted))).status).toBe(400);
    const { lib } = on(mine, wanted).depends;
    for (const name of ["", " ", "a/b"]) expect((await refused({ depends: { [name]: lib } })).status).toBe(400);
    const nine = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`lib${i}`, lib]));
    expect((await refused({ depends: nine })).status).toBe(400);
    const { lib: _, ...eight } = { ...nine, lib: undefined, lib8: undefined };
    expect(await scene.submit({ depends: JSON.parse(JSON.stringify(eight)) })).toHaveLength(26);
  });

  test.each([false, true])("hands over the outputs of a job that has failed: %p", async (failed) => {
    const prior = await aPrior(failed);
    const job = await scene.submit(on(prior, { on_completed: true, on_failed: true, copy_outputs: true }));
    await scene.world.advance(1_000);
    const worker = await scene.worker(job);
    const { inputs = [] } = (await worker.call("worker_ping")).job ?? {};
    expect(inputs.map(({ name }) => name)).toEqual(["lib/work/out.txt"]);
    const input = await worker.open("worker_job_input_download", { path: { job, input: inputs[0]?.id ?? "" } });
    expect(await input.text()).toBe("made before");
  });

  test("hands over nothing that is not asked for", async () => {
    const prior = await aPrior(false);
    const job = await scene.submit(on(prior, { on_completed: true }));
    await scene.world.advance(1_000);
    expect((await (await scene.worker(job)).call("worker_ping")).job?.inputs).toEqual([]);
  });

  test("under two names on the same job gives its outputs twice, and both can be had", async () => {
    const prior = await aPrior(false);
    const { lib } = on(prior, { on_completed: true, copy_outputs: true }).depends;
    const job = await scene.submit({ depends: { one: lib, two: lib } });
    await scene.world.advance(1_000);
    const worker = await scene.worker(job);
    const { inputs = [] } = (await worker.call("worker_ping")).job ?? {};
    expect(inputs.map(({ name }) => name)).toEqual(["one/work/out.txt", "two/work/out.txt"]);
    for (const { id } of inputs) {
      const input = await worker.open("worker_job_input_download", { path: { job, input: id } });
      expect([input.status, await input.text()]).toEqual([200, "made before"]);
    }
  });
});
