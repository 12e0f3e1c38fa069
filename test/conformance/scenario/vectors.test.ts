import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { aJob } from "../../../core/fixture.ts";
import { Scene } from "./scene.ts";

let scene: Scene;
/** Where ten bytes are: an output for its owner, an input for the job that got it. */
const doors: Record<string, { url: string; token: string }> = {};

beforeAll(async () => {
  scene = await Scene.open();
  const { server, alice } = scene;
  const job = await scene.submit();
  const worker = await scene.worker(job);
  const output = await scene.output(worker, job, "/work/ten", "0123456789");
  await scene.finish(worker, job);
  doors["output"] = { url: `${server.url}/0/jobs/${job}/outputs/${output}`, token: alice.token };
  const depends = { lib: { prior_job: job, copy_outputs: true, on_completed: true, on_failed: false } };
  const next = await scene.submit({ depends });
  await scene.world.advance(1_000);
  const reader = await scene.worker(next);
  doors["input"] = { url: `${server.url}/0/worker/job/${next}/inputs/${output}`, token: reader.token };
});
afterAll(() => scene[Symbol.asyncDispose]());

describe("an output rule", () => {
  test.each([
    ["/a", "/a"],
    ["!/a", "!/a"],
    ["=/a", "=/a"],
    ["%/a", "%/a"],
    ["=%/a", "%=/a"],
    ["%=/a", "%=/a"],
  ])("%p is taken, and told as %p", async (rule, told) => {
    expect((await scene.job(await scene.submit({ output_rules: [rule] }))).output_rules).toEqual([told]);
  });

  const wrong = "|a/b|!a|%a|=a|!!/a|!=/a|!%/a|%!/a|=!/a|==/a|%%/a|=%=/a|%=%/a|=%!/a|%=!/a".split("|");
  test.each(wrong)("%p is refused", async (rule) => {
    const { status, json } = await scene.alice.ask("job_submit", { body: aJob({ output_rules: ["/fine", rule] }) });
    expect({ status, json }).toEqual({
      status: 400,
      json: { request_id: expect.any(String), message: expect.stringContaining(`output rule "${rule}"`) },
    });
  });
});

describe.each(["output", "input"])("of ten bytes, an %s,", (door) => {
  const ask = async (range: string, method = "GET") => {
    const { url = "", token } = doors[door] ?? {};
    const answer = await fetch(url, { method, headers: { authorization: `Bearer ${token}`, range } });
    return { status: answer.status, range: answer.headers.get("content-range"), text: await answer.text() };
  };

  test.each([
    ["bytes=0-3", "0-3", "0123"],
    ["bytes=5-", "5-9", "56789"],
    ["bytes=-3", "7-9", "789"],
    ["bytes=-99", "0-9", "0123456789"],
    ["bytes=8-99", "8-9", "89"],
    ["bytes=0-1,50-60", "0-1", "01"],
  ])("%s is %s", async (range, part, text) => {
    expect(await ask(range)).toEqual({ status: 206, range: `bytes ${part}/10`, text });
  });

  test.each(["bytes=10-", "bytes=-0", "bytes=3-1", "bytes=0-1,4-5", "items=0-1", ""])("%p is no part", async (range) => {
    expect(await ask(range)).toEqual({ status: 416, range: "bytes */10", text: "" });
  });
});

test("a list's token is the original's, to the letter", async () => {
  const vector =
    "eyJ2IjoidjEiLCJwYWdlX3N0YXJ0Ijp7ImlkIjoiMDFIWlpaWlpaWlpaWlpaWlpaWlpaWlpaWloiLCJyZWNlbnRfZmlyc3QiOnRydWUsInRhZyI6bnVsbH19";
  const job = await scene.submit();
  const { next_page } = await scene.alice.call("jobs_list", { query: { recent_first: true, limit: 1 } });
  expect(next_page).toBe(btoa(atob(vector).replace("01HZZZZZZZZZZZZZZZZZZZZZZZ", job)));
  expect(await scene.alice.status("jobs_list", { query: { page_token: vector } })).toBe(200);
  // Padded, whatever its length.
  const padded = new Set<number>();
  for (const tag of ["a=b", "a=bb", "a=bbb"]) {
    await scene.submit({ tags: { a: tag.slice(2) } });
    const token = (await scene.alice.call("jobs_list", { query: { tag } })).next_page ?? "";
    expect(token.length % 4).toBe(0);
    padded.add(token.split("=").length - 1);
  }
  expect([...padded].toSorted()).toEqual([0, 1, 2]);
});
