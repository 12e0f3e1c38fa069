import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { aJob } from "../../../core/fixture.ts";
import { Scene } from "./scene.ts";

const JOBS = 1_001;
let scene: Scene;
let ids: string[];

beforeAll(async () => {
  scene = await Scene.open();
  ids = [];
  const bob = await scene.user("bob");
  await bob.call("job_submit", { body: aJob() });
  for (let i = 0; i < JOBS; i++) {
    const tags = { even: String(i % 2 === 0), third: String(i % 3 === 0), odd: "a=b" };
    ids.push(await scene.submit({ tags }));
  }
});
afterAll(() => scene[Symbol.asyncDispose]());

/** Reads as the original's clients do: until a page is empty. */
async function pages(query: Record<string, string | boolean>): Promise<{ sizes: number[]; ids: string[]; end: unknown }> {
  const sizes: number[] = [];
  const found: string[] = [];
  let next = query;
  for (;;) {
    const { items, next_page } = await scene.alice.call("jobs_list", { query: next });
    sizes.push(items.length);
    found.push(...items.map(({ id }) => id));
    if (items.length === 0) return { sizes, ids: found, end: next_page };
    next = { page_token: next_page ?? "" };
  }
}

describe("1,001 jobs are two pages and an empty one", () => {
  test("oldest first", async () => {
    expect(await pages({})).toEqual({ sizes: [1_000, 1, 0], ids, end: null });
  });

  test("newest first", async () => {
    expect(await pages({ recent_first: true })).toEqual({ sizes: [1_000, 1, 0], ids: ids.toReversed(), end: null });
  });

  test("and tags must all match, on every page", async () => {
    const every = (n: number) => ids.filter((_, i) => i % n === 0);
    expect(await pages({ tag: "even=true" })).toEqual({ sizes: [501, 0], ids: every(2), end: null });
    expect((await pages({ tag: "even=true|third=true", recent_first: true })).ids).toEqual(every(6).toReversed());
    expect((await pages({ tag: "odd=a=b" })).sizes).toEqual([1_000, 1, 0]);
    expect((await pages({ tag: "odd=a" })).sizes).toEqual([0]);
  });
});

test("what the filter holds travels in the token, however long it is", async () => {
  const long = "x".repeat(6_000);
  const job = await scene.submit({ tags: { long } });
  expect(await pages({ tag: `long=${long}` })).toEqual({ sizes: [1, 0], ids: [job], end: null });
  const longest = "x".repeat(12_000);
  await scene.submit({ tags: { long: longest } });
  expect(await scene.alice.status("jobs_list", { query: { tag: `long=${longest}` } })).toBe(400);
});

test("a filter that is none is refused", async () => {
  expect(await scene.alice.ask("jobs_list", { query: { tag: "even" } })).toMatchObject({
    status: 400,
    json: { error_code: "EINVAL" },
  });
  const nine = Array.from({ length: 9 }, (_, i) => `t${i}=x`).join("|");
  expect(await scene.alice.status("jobs_list", { query: { tag: nine } })).toBe(409);
});
