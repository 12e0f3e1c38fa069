import { describe, expect, test } from "bun:test";
import { type Record, readRecords } from "../old/sse.ts";
import { Scene, UNKNOWN } from "./scene.ts";

const TIME = "2026-01-02T03:04:05Z";
const line = (payload: string) => ({ stream: "stdout", time: TIME, payload, task: 0 });

/** A job with a machine, and its log as a stream. */
async function watched() {
  const scene = await Scene.open();
  const job = await scene.submit();
  const worker = await scene.worker(job);
  const append = (...payloads: string[]) =>
    worker.call("worker_job_append", { path: { job }, body: payloads.map((payload) => line(payload)) });
  const watch = async (query: { minseq?: number } = {}, last?: string) => {
    const headers = last === undefined ? {} : { "last-event-id": last };
    return readRecords(await scene.alice.open("job_watch", { path: { job }, query, headers }));
  };
  return { scene, job, worker, append, watch };
}

const brief = ({ event, id, data }: Record) =>
  `${event} ${id} ${event === "job" ? (JSON.parse(data) as { payload: string }).payload.split(" (")[0] : data}`;

/** The next records, as many as are named. */
async function take(stream: AsyncGenerator<Record, void>, count: number): Promise<string[]> {
  const records: string[] = [];
  while (records.length < count) {
    const { value } = await stream.next();
    if (!value) throw new Error(`the stream has ended after ${records.join(", ")}`);
    records.push(brief(value));
  }
  return records;
}

const rest = async (stream: AsyncGenerator<Record, void>) => (await Array.fromAsync(stream)).map(brief);

describe("a watch", () => {
  test("has the state first, then every event in order, and is complete after the last", async () => {
    const { scene, job, worker, append, watch } = await watched();
    await using _ = scene;
    await append("one", "two");
    const stream = await watch({ minseq: 0 });
    expect(await take(stream, 4)).toEqual([
      "state seq-0 running",
      expect.stringContaining(`job seq-1 assigned to worker ${worker.id}`),
      "job seq-2 one",
      "job seq-3 two",
    ]);
    await append("three");
    expect(await take(stream, 1)).toEqual(["job seq-4 three"]);
    await scene.finish(worker, job);
    expect(await rest(stream)).toEqual(["state seq-4 completed", "job seq-5 job completed", "complete seq-5 -"]);
  });

  test("tells each state that it sees", async () => {
    await using scene = await Scene.open();
    const job = await scene.submit({ inputs: ["a"] });
    const stream = readRecords(await scene.alice.open("job_watch", { path: { job }, query: { minseq: 0 } }));
    expect(await take(stream, 1)).toEqual(["state seq-0 waiting"]);
    await (await scene.commit(scene.alice, "input", job, "a", ""))();
    expect(await take(stream, 2)).toEqual(["state seq-0 queued", "job seq-1 ready to run"]);
    const worker = await scene.worker(job);
    expect((await take(stream, 2))[0]).toEqual("state seq-1 running");
    await scene.alice.call("job_cancel", { path: { job } });
    expect(await rest(stream)).toEqual(["state seq-2 failed", "job seq-3 cancelled by alice", "complete seq-3 -"]);
    expect(worker.id).toHaveLength(26);
  });

  test.each<[string, { minseq?: number }, string | undefined, number[]]>([
    ["from the beginning", { minseq: 0 }, undefined, [1, 2, 3, 4, 5]],
    ["from its first event", { minseq: 1 }, undefined, [1, 2, 3, 4, 5]],
    ["from the middle", { minseq: 4 }, undefined, [4, 5]],
    ["from behind its end", { minseq: 99 }, undefined, []],
    ["from now on", {}, undefined, []],
    ["after the last event that was seen, wherever it began", { minseq: 0 }, "seq-3", [4, 5]],
    ["after one that was seen before where it began", { minseq: 5 }, "seq-1", [2, 3, 4, 5]],
  ])("of a job that has ended begins %s", async (_name, query, last, expected) => {
    const { scene, job, worker, append, watch } = await watched();
    await using _ = scene;
    await append("two", "three", "four");
    await scene.finish(worker, job);
    const records = await Array.fromAsync(await watch(query, last));
    expect(records.filter(({ event }) => event === "job").map(({ id }) => Number(id?.slice(4)))).toEqual(expected);
    expect(records.at(0)).toMatchObject({ event: "state", data: "completed" });
    expect(records.at(-1)?.event).toBe("complete");
  });

  test("that nobody tells where to begin has what is written from then on, also after an append of nothing", async () => {
    const { scene, job, worker, append, watch } = await watched();
    await using _ = scene;
    await append("before");
    await append();
    const stream = await watch();
    expect(await take(stream, 1)).toEqual(["state seq-2 running"]);
    await append("after");
    expect(await take(stream, 1)).toEqual(["job seq-3 after"]);
    await scene.finish(worker, job);
    expect((await rest(stream)).at(-1)).toBe("complete seq-4 -");
  });

  test("of no job is refused, and of another's too, which is what ends the original's clients", async () => {
    const { scene, job } = await watched();
    await using _ = scene;
    const bob = await scene.user("bob");
    expect(await scene.alice.status("job_watch", { path: { job: UNKNOWN } })).toBe(404);
    expect(await bob.status("job_watch", { path: { job } })).toBe(403);
  });
});

test("events are numbered from 1 without a gap, a thousand to a page, and there are none behind the end", async () => {
  const { scene, job, append } = await watched();
  await using _ = scene;
  await append(...Array.from({ length: 1_200 }, (_, i) => `line ${i}`));
  const page = async (minseq: number) =>
    (await scene.alice.call("job_events_get", { path: { job }, query: { minseq } })).map(({ seq }) => seq);
  expect(await page(0)).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));
  expect(await page(1_001)).toEqual(Array.from({ length: 201 }, (_, i) => i + 1_001));
  expect(await page(1_202)).toEqual([]);
});
