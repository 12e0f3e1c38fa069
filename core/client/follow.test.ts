import { describe, expect, test } from "bun:test";
import { realWorld, type World } from "../common/world.ts";
import { Client } from "./client.ts";
import { CallFailed } from "./failure.ts";
import { type FollowOptions, follow, LogHole } from "./follow.ts";

const JOB = "01M829WETWGDCFNNP3VMTAYFY8";
const world: World = { ...realWorld(), sleep: () => Promise.resolve() };

const event = (seq: number) => ({ seq, stream: "stdout", time: "2026-01-02T03:04:05Z", payload: `line ${seq}` });
const record = (name: string, data: string, id = 0) => `event: ${name}\nid: seq-${id}\ndata: ${data}\n\n`;
const job = (...seqs: number[]) => seqs.map((seq) => record("job", JSON.stringify(event(seq)), seq)).join("");
const state = (name: string) => record("state", name);
const COMPLETE = record("complete", "-");
const CHECK = "event: check\ndata: -\n\n";

interface Script {
  /** What each connection in turn is sent before it ends; a number is an error status. The last one repeats. */
  watches: (string | number)[];
  stored?: number[];
  page?: number;
  job?: () => object | number;
}

/** Stands in for the core: streams as scripted, stored events in pages. */
function aCore({ watches, stored = [], page = 1000, job = () => ({ state: "completed" }) }: Script) {
  const asked: string[] = [];
  let connections = 0;
  const failed = (status: number) => Response.json({ message: "as scripted", request_id: "r" }, { status });
  const server = Bun.serve({
    port: 0,
    fetch(request) {
      const { pathname, search, searchParams } = new URL(request.url);
      const from = Number(searchParams.get("minseq") ?? 0);
      asked.push(pathname.replace(/^.*\//, "").replace(JOB, "job") + search);
      if (pathname.endsWith("/watch")) {
        const now = watches[Math.min(connections++, watches.length - 1)] ?? 500;
        return typeof now === "number" ? failed(now) : new Response(now, { headers: { "content-type": "text/event-stream" } });
      }
      if (pathname.endsWith("/events"))
        return Response.json(
          stored
            .filter((seq) => seq >= from)
            .slice(0, page)
            .map(event),
        );
      const answer = job();
      return typeof answer === "number" ? failed(answer) : Response.json(answer);
    },
  });
  const client = new Client({ world, url: server.url.href });
  return { asked, client, [Symbol.dispose]: () => void server.stop(true) };
}

async function told(client: Client, options: FollowOptions = {}) {
  const seqs: number[] = [];
  const states: string[] = [];
  for await (const news of follow(client, JOB, options)) {
    if ("state" in news) states.push(news.state);
    else seqs.push(...news.events.map((event) => event.seq));
  }
  return { seqs, states };
}

describe("follow", () => {
  test("tells events and states until the core says that it is complete", async () => {
    using core = aCore({
      watches: [`${state("queued")}: nothing happens\n${job(1, 2)}${state("completed")}${job(3)}${COMPLETE}`],
    });
    expect(await told(core.client)).toEqual({ seqs: [1, 2, 3], states: ["queued", "completed"] });
    expect(core.asked).toEqual(["watch?minseq=1"]);
  });

  test("takes a cut stream up where it broke, in the middle of a record too", async () => {
    const half = job(3).slice(0, 20);
    using core = aCore({
      watches: [state("running") + job(1, 2) + half, state("running") + job(3) + state("completed") + COMPLETE],
      job: () => ({ state: "running" }),
    });
    expect(await told(core.client)).toEqual({ seqs: [1, 2, 3], states: ["running", "completed"] });
    expect(core.asked).toContain("watch?minseq=3");
  });

  test("drops what it was already told", async () => {
    using core = aCore({ watches: [state("completed") + job(1, 2, 1, 2, 3) + COMPLETE] });
    expect((await told(core.client)).seqs).toEqual([1, 2, 3]);
  });

  test("fills a gap in the stream from the stored events, page by page", async () => {
    using core = aCore({ watches: [state("completed") + job(1, 6, 7) + COMPLETE], stored: [1, 2, 3, 4, 5, 6, 7], page: 2 });
    expect((await told(core.client)).seqs).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("says so when events are gone for good", async () => {
    using core = aCore({ watches: [state("completed") + job(1, 4) + COMPLETE], stored: [1, 3, 4] });
    await expect(told(core.client)).rejects.toThrow(LogHole);
  });

  test("reads what is stored of a job that cannot be streamed", async () => {
    using core = aCore({ watches: [CHECK], stored: [1, 2, 3], page: 2 });
    expect(await told(core.client)).toEqual({ seqs: [1, 2, 3], states: ["completed"] });
  });

  test("a stream that ends in silence, as the original's does, is no reason to miss the end", async () => {
    using core = aCore({ watches: [state("running") + job(1), CHECK], stored: [1, 2], job: () => ({ state: "failed" }) });
    expect(await told(core.client)).toEqual({ seqs: [1, 2], states: ["running", "failed"] });
  });

  test("waits until the log of a finished job is sealed", async () => {
    const stored = [1];
    let looks = 0;
    using core = aCore({
      watches: [CHECK],
      stored,
      job: () => {
        if (++looks < 3) return { state: "completed", log: null };
        stored.push(2);
        return { state: "completed", log: { count: 2, bytes: 9, sha256: "" } };
      },
    });
    expect((await told(core.client)).seqs).toEqual([1, 2]);
  });

  test("goes on through a core that is away, and says so", async () => {
    using core = aCore({
      watches: [state("running") + job(1), 503, 503, job(2) + state("completed") + COMPLETE],
      job: () => 503,
    });
    const heard: string[] = [];
    const result = await told(core.client, { onRetry: (error) => heard.push(error.message) });
    expect(result.seqs).toEqual([1, 2]);
    expect(heard).toEqual(["as scripted", "as scripted", "as scripted"]);
  });

  test.each([401, 403, 404, 409])("gives up at once on %d", async (status) => {
    using core = aCore({ watches: [status] });
    await expect(told(core.client)).rejects.toThrow(CallFailed);
    expect(core.asked).toHaveLength(1);
  });

  test("starts where it is told to, and ignores events that it does not know", async () => {
    using core = aCore({ watches: [record("weather", "fine") + state("completed") + job(5) + COMPLETE] });
    expect((await told(core.client, { from: 5 })).seqs).toEqual([5]);
    expect(core.asked).toEqual(["watch?minseq=5"]);
  });

  test("ends with the signal's reason", async () => {
    using core = aCore({ watches: [503] });
    const stop = new AbortController();
    const following = told(core.client, { signal: stop.signal, onRetry: () => stop.abort(new Error("enough")) });
    await expect(following).rejects.toThrow("enough");
  });
});
