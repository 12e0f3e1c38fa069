import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { change } from "./db/change.ts";
import { aFactory, aJob, aWorker, type TestServer, testServer } from "./fixture.ts";
import { submitJob } from "./job/submit.ts";

let server: TestServer;
let jobs: string[];
let workers: string[];

beforeAll(async () => {
  server = await testServer();
  const factory = await aFactory(server);
  const users = [await server.user("alice"), await server.user("bob")];
  jobs = [];
  for (let i = 0; i < 6; i++) {
    const tags = { even: String(i % 2 === 0), third: String(i % 3 === 0) };
    jobs.push((await users[i % 2]?.client.call("job_submit", { body: aJob({ tags, inputs: ["a"] }) }))?.id ?? "");
  }
  const other = await aFactory(server, "other");
  workers = [];
  for (const of of [factory, other, factory]) workers.push((await aWorker(server, of)).id);
  await factory.client.call("factory_worker_destroy", { path: { worker: workers[0] ?? "" } });
});
afterAll(() => server[Symbol.asyncDispose]());

interface Page {
  items: { id: string }[];
  next_page?: string | null;
}

const get = async (path: string, query: Record<string, string>): Promise<Page> => {
  const headers = { authorization: `Bearer ${server.admin.options.token}` };
  const answer = await fetch(`${server.url}${path}?${new URLSearchParams(query)}`, { headers });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Page;
};

/** Sizes of the pages, and everything that was in them. */
async function all(path: string, query: Record<string, string>): Promise<{ sizes: number[]; ids: string[] }> {
  const sizes: number[] = [];
  const ids: string[] = [];
  let next: Record<string, string> = query;
  for (;;) {
    const { items, next_page } = await get(path, next);
    sizes.push(items.length);
    ids.push(...items.map(({ id }) => id));
    if (!next_page) return { sizes, ids };
    next = { page_token: next_page, ...(query["limit"] ? { limit: query["limit"] } : {}) };
  }
}

describe("everybody's jobs", () => {
  test("come in pages of the size that is asked for, either way round", async () => {
    expect(await all("/1/admin/jobs", { limit: "4" })).toEqual({ sizes: [4, 2, 0], ids: jobs });
    expect(await all("/1/admin/jobs", { limit: "3", recent_first: "true" })).toEqual({
      sizes: [3, 3, 0],
      ids: [...jobs].reverse(),
    });
    expect(await all("/1/admin/jobs", { limit: "4294967295" })).toEqual({ sizes: [6, 0], ids: jobs });
  });

  test("are found by tags, all of which must match", async () => {
    const at = (...places: number[]) => places.map((place) => jobs[place] ?? "");
    expect((await all("/1/admin/jobs", { tag: "even=true", limit: "2" })).ids).toEqual(at(0, 2, 4));
    expect((await all("/1/admin/jobs", { tag: "even=true|third=true" })).ids).toEqual(at(0));
    expect((await all("/1/admin/jobs", { tag: "even=maybe" })).ids).toEqual([]);
  });
});

test("workers come in pages, those that live, and those of one factory", async () => {
  const [gone = "", of = "", alive = ""] = workers;
  expect(await all("/1/workers", { limit: "2" })).toEqual({ sizes: [2, 1, 0], ids: [gone, of, alive] });
  expect(await all("/1/workers", { limit: "1", active: "true" })).toEqual({ sizes: [1, 1, 0], ids: [of, alive] });
  const factories = await server.admin.call("factories_list", {});
  const box = factories.find(({ name }) => name === "box")?.id ?? "";
  expect((await all("/1/workers", { factory: box })).ids).toEqual([gone, alive]);
  expect((await all("/1/workers", { factory: box, active: "true" })).ids).toEqual([alive]);
});

test("active jobs, and the last that have ended, are there in one answer", async () => {
  const ids = async (query: { active?: boolean; completed?: number }) =>
    (await server.admin.call("admin_jobs_get", { query })).map(({ id }) => id);
  await server.admin.call("user_disable", {
    path: { user: (await server.admin.call("users_list", { query: { name: "bob" } }))[0]?.id ?? "" },
    query: { cancel_jobs: true },
  });
  const at = (...places: number[]) => places.map((place) => jobs[place] ?? "");
  const active = await server.admin.call("admin_jobs_get", { query: { active: true } });
  expect(active.map(({ waiting_for }) => waiting_for)).toEqual(Array(3).fill(['input "a", which has not been uploaded']));
  expect(await ids({ active: true })).toEqual(at(0, 2, 4));
  expect(await ids({ completed: 2 })).toEqual(at(3, 5));
  expect(await ids({ completed: 0 })).toEqual([]);
});

test("a page by a tag that very many jobs have does not look all of them up, and is the same", async () => {
  await using own = await testServer();
  const { core } = own;
  await aFactory(own);
  const { id: owner, client } = await own.user("alice");
  const tagged = change(core, () =>
    Array.from({ length: 1_200 }, (_, i) =>
      submitJob(core, owner, aJob({ tags: { branch: "main", ...(i % 500 === 0 ? { rare: "yes" } : {}) } })),
    ),
  );
  change(core, () => submitJob(core, owner, aJob()));
  const asked: string[] = [];
  const query = core.db.query.bind(core.db);
  core.db.query = ((sql: string) => {
    asked.push(sql);
    return query(sql);
  }) as typeof core.db.query;
  const listed: string[] = [];
  for (let page_token: string | null | undefined; listed.length < 1_200; ) {
    const page = await client.call("jobs_list", {
      query: page_token ? { page_token } : { recent_first: true, tag: "branch=main" },
    });
    listed.push(...page.items.map(({ id }) => id));
    page_token = page.next_page;
  }
  expect(listed).toEqual(tagged.toReversed());
  expect(asked.filter((sql) => sql.includes("id IN (SELECT job FROM tag"))).toEqual([]);
  const rare = await client.call("jobs_list", { query: { tag: "branch=main|rare=yes" } });
  expect(rare.items.map(({ id }) => id)).toEqual(tagged.filter((_, i) => i % 500 === 0));
});
