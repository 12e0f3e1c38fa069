import { afterAll, beforeAll, expect, test } from "bun:test";
import { aFactory, aJob, type TestServer, testServer } from "../../core/fixture.ts";
import { Wire } from "./call.ts";
import { OldCli } from "./old/cli.ts";
import { readRecords } from "./old/sse.ts";

let server: TestServer;
let token: string;
let job: string;

beforeAll(async () => {
  server = await testServer();
  await aFactory(server);
  const alice = await server.user("alice");
  token = alice.token;
  job = (await alice.client.call("job_submit", { body: aJob({ tags: { color: "blue" } }) })).id;
});
afterAll(() => server[Symbol.asyncDispose]());

const submission = (changes: object = {}) => JSON.stringify(aJob(changes));
const typed = (type: string) => ({ "content-type": type });

/** What a token of the original's looks like, as published with its protocol. */
const TOKEN =
  "eyJ2IjoidjEiLCJwYWdlX3N0YXJ0Ijp7ImlkIjoiMDFIWlpaWlpaWlpaWlpaWlpaWlpaWlpaWloiLCJyZWNlbnRfZmlyc3QiOnRydWUsInRhZyI6bnVsbH19";

test.each<[string, number, string, string, RequestInit]>([
  ["a base URL that ends with a slash", 200, "GET", "//0/whoami", {}],
  ["the same, with an id further on", 200, "GET", "//0/job/JOB", {}],
  ["a slash at the end", 200, "GET", "/0/job/JOB/", {}],
  ["a scheme in small letters, and more blanks", 200, "GET", "/0/whoami", { headers: { authorization: "bearer   TOKEN " } }],
  ["parameters that are not known", 200, "GET", "/0/whoami?colour=blue", {}],
  ["a body where none is wanted", 204, "POST", "/0/jobs/JOB/cancel", { body: "{}" }],
  ["fields that are not known", 201, "POST", "/0/jobs", { body: submission({ colour: "blue" }) }],
  ["null for what may be left out", 201, "POST", "/0/jobs", { body: submission({ inputs: null, tags: null, depends: null }) }],
  ["a body of no type", 201, "POST", "/0/jobs", { body: new TextEncoder().encode(submission()) }],
  ["a type with parameters", 201, "POST", "/0/jobs", { body: submission(), headers: typed("application/json; charset=utf-8") }],
  ["a type that is JSON by its suffix", 201, "POST", "/0/jobs", { body: submission(), headers: typed("application/vnd.x+json") }],
  ["the largest limit", 200, "GET", "/1/jobs?limit=4294967295", {}],
  ["a list's token of the original's", 200, "GET", `/1/jobs?page_token=${TOKEN}`, {}],
  ["a number past every log's end", 200, "GET", "/0/jobs/JOB/events?minseq=18446744073709551615", {}],
  ["a word that is neither true nor false", 400, "GET", "/1/jobs?recent_first=1", {}],
  ["a filter that is none", 400, "GET", "/1/jobs?tag=color", {}],
])("%s", async (_name, status, method, path, { headers = {}, ...init }) => {
  const response = await fetch(server.url + path.replace("JOB", job), {
    method,
    ...init,
    headers: JSON.parse(JSON.stringify({ authorization: "Bearer TOKEN", ...headers }).replace("TOKEN", token)),
  });
  expect({ status: response.status, body: await response.text() }).toEqual({ status, body: expect.any(String) });
});

test("lists are read page after page until one is empty", async () => {
  const bob = await server.user("bob");
  const cli = new OldCli(new Wire(server.url), bob.token, 5);
  const ids: string[] = [];
  for (const color of ["blue", "red", "blue"]) ids.push(await cli.submit(aJob({ tags: { color } })));
  const list = async (query: Record<string, string | boolean>) => {
    const { items, pages } = await cli.list<{ id: string }>("jobs_list", query);
    return { pages, ids: items.map(({ id }) => id) };
  };
  const [first = "", , last = ""] = ids;
  expect(await list({ recent_first: false })).toEqual({ pages: 2, ids });
  expect(await list({ recent_first: true })).toEqual({ pages: 2, ids: ids.toReversed() });
  expect(await list({ recent_first: false, tag: "color=blue" })).toEqual({ pages: 2, ids: [first, last] });
  expect(await list({ tag: "color=blue|color=red" })).toEqual({ pages: 1, ids: [] });
});

test("a watch that goes on after an event sends that one no more", async () => {
  const cli = new OldCli(new Wire(server.url), token, 5);
  await cli.call("job_cancel", { path: { job } });
  const { events } = await cli.tail(job);
  expect(events.length).toBeGreaterThan(0);
  const headers = { authorization: `Bearer ${token}`, "last-event-id": `seq-${events.length - 1}` };
  const response = await fetch(`${server.url}/0/jobs/${job}/watch?minseq=${events.length}`, { headers });
  const records = await Array.fromAsync(readRecords(response));
  expect(records.map(({ event, id }) => `${event} ${id}`)).toEqual([
    `state seq-${events.length - 1}`,
    `job seq-${events.length}`,
    `complete seq-${events.length}`,
  ]);
});

test("the reader of these tests is as strict as the original's: an event that it does not know ends it", async () => {
  await using other = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response(": nothing happens\nevent: state\ndata: queued\n\nevent: news\ndata: x\n\n"),
  });
  const cli = new OldCli(new Wire(`http://127.0.0.1:${other.port}`), "none", 5);
  await expect(cli.tail(job)).rejects.toThrow("unknown event news");
});
