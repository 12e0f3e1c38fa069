import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { aFactory, aJob, type TestServer, testServer } from "./fixture.ts";

let server: TestServer;
let token: string;
let job: string;

beforeAll(async () => {
  server = await testServer();
  await aFactory(server);
  const alice = await server.user("alice");
  token = alice.token;
  job = (await alice.client.call("job_submit", { body: aJob() })).id;
});
afterAll(() => server[Symbol.asyncDispose]());

const call = (method: string, path: string, init: RequestInit = {}) =>
  fetch(`${server.url}${path}`, { method, ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });

const json = { "content-type": "application/json" };
const unknown = "01HZZZZZZZZZZZZZZZZZZZZZZZ";

describe("every refusal says what was expected", () => {
  test.each<[string, string, string, RequestInit, number, string]>([
    ["bad JSON", "POST", "/0/jobs", { headers: json, body: "{" }, 400, "not valid JSON"],
    ["no body", "POST", "/0/jobs", {}, 400, "expected a JSON body"],
    ["bytes that are no UTF-8", "POST", "/0/jobs", { headers: json, body: new Uint8Array([34, 255, 34]) }, 400, "not valid JSON"],
    ["another type of body", "POST", "/0/jobs", { headers: { "content-type": "text/csv" }, body: "a" }, 415, "text/csv"],
    ["a wrong type", "POST", "/0/jobs", { headers: json, body: JSON.stringify(aJob({ tasks: "no" })) }, 400, "tasks"],
    ["a list in place of an object", "POST", "/0/worker/fail", { body: "[]" }, 400, "bad body"],
    ["a word in place of a record", "POST", "/0/jobs", { body: JSON.stringify(aJob({ tags: "x" })) }, 400, "tags"],
    [
      "an object that hides how it is written",
      "POST",
      "/0/jobs",
      { body: JSON.stringify(aJob({ name: { toString: 1 } })) },
      400,
      "name",
    ],
    [
      "a body that is too deep",
      "POST",
      "/0/jobs",
      { body: `{"name":${"[".repeat(9000)}${"]".repeat(9000)}}` },
      400,
      "128 levels",
    ],
    ["a body that is too large", "POST", "/0/jobs", { headers: json, body: " ".repeat(11 * 1024 * 1024) }, 413, "10485760"],
    ["an id that is none", "GET", "/0/job/xyz", {}, 400, "job"],
    ["an id in lower case", "GET", `/0/job/${unknown.toLowerCase()}`, {}, 400, "job"],
    ["an unknown id", "GET", `/0/job/${unknown}`, {}, 404, unknown],
    ["an unknown path", "GET", "/0/nothing", {}, 404, "Not Found"],
    ["a wrong method", "DELETE", "/0/jobs", {}, 405, "POST"],
    ["a bad cursor", "GET", "/1/jobs?page_token=abc", {}, 400, "page_token"],
    ["a bad number", "GET", "/1/jobs?limit=none", {}, 400, "limit"],
    ["a number that is too small", "GET", "/1/jobs?limit=0", {}, 400, "bad value 0"],
    ["a bad tag filter", "GET", "/1/jobs?tag=abc", {}, 400, "NAME=VALUE"],
    ["a missing privilege", "GET", "/0/users", {}, 403, "admin.user.read"],
    ["a missing token", "GET", "/0/whoami", { headers: { authorization: "" } }, 401, "not authorised"],
    ["an unknown token", "GET", "/0/whoami", { headers: { authorization: "Bearer nobody" } }, 401, "not authorised"],
    ["a delegation that is not allowed", "GET", "/0/whoami", { headers: { "x-buildomat-delegate": "bob" } }, 403, "delegate"],
    ["an unknown output", "GET", "", {}, 404, unknown],
  ])("%s", async (name, method, path, init, status, message) => {
    const where = name === "an unknown output" ? `/0/jobs/${job}/outputs/${unknown}` : path;
    const response = await call(method, where, init);
    const body = (await response.json()) as { request_id: string; message: string };
    expect({ status: response.status, message: body.message }).toEqual({ status, message: expect.stringContaining(message) });
    expect(body.request_id).toBe(response.headers.get("x-request-id") ?? "none");
  });

  test("a wrong method names the right ones", async () => {
    expect((await call("DELETE", `/0/jobs/${job}/store`)).headers.get("allow")).toBe("GET");
  });
});

test("a fault of ours is told as one, and not in detail", async () => {
  await using broken = await testServer();
  const alice = await broken.user("alice");
  broken.core.db.run("ALTER TABLE tag RENAME TO gone");
  const response = await fetch(`${broken.url}/1/jobs?tag=a%3Db`, { headers: { authorization: `Bearer ${alice.token}` } });
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({
    request_id: expect.any(String),
    error_code: "Internal",
    message: "Internal Server Error",
  });
});

describe("lists", () => {
  test("come in pages, either way round, with tags", async () => {
    const bob = await server.user("bob");
    const ids: string[] = [];
    for (let i = 0; i < 5; i++)
      ids.push((await bob.client.call("job_submit", { body: aJob({ tags: { even: String(i % 2 === 0) } }) })).id);
    const all = async (query: object) => {
      const found: string[] = [];
      let page_token: string | null | undefined;
      do {
        const page = await bob.client.call("jobs_list", {
          query: page_token ? { page_token, limit: 2 } : { ...query, limit: 2 },
        });
        found.push(...page.items.map((item) => item.id));
        page_token = page.items.length > 0 ? page.next_page : null;
      } while (page_token);
      return found;
    };
    expect(await all({})).toEqual(ids);
    expect(await all({ recent_first: true })).toEqual([...ids].reverse());
    expect(await all({ tag: "even=true" })).toEqual([ids[0] ?? "", ids[2] ?? "", ids[4] ?? ""]);
  });
});

describe("delegation", () => {
  test("makes the user, and acts as them", async () => {
    const gate = await server.user("gate", "delegate");
    const headers = { authorization: `Bearer ${gate.token}`, "x-buildomat-delegate": "carol" };
    const who = async () => (await (await fetch(`${server.url}/0/whoami`, { headers })).json()) as { id: string; name: string };
    const carol = await who();
    expect(carol.name).toBe("carol");
    expect(await who()).toEqual(carol);
  });
});

describe("the store", () => {
  const put = (name: string, value: string, secret = false) =>
    call("PUT", `/0/jobs/${job}/store/${name}`, { headers: json, body: JSON.stringify({ value, secret }) });

  test("keeps a secret secret, and bounds names, sizes and number", async () => {
    expect((await put("key", "hush", true)).status).toBe(204);
    expect((await put("key", "hush again")).status).toBe(204);
    const all = (await (await call("GET", `/0/jobs/${job}/store`)).json()) as Record<string, unknown>;
    expect(all["key"]).toMatchObject({ secret: true, value: null, source: "user" });
    expect((await put("bad-name", "x")).status).toBe(400);
    expect((await put("big", "x".repeat(10_241))).status).toBe(400);
    for (let i = 0; i < 99; i++) expect((await put(`n${i}`, "x")).status).toBe(204);
    expect((await put("n99", "x")).status).toBe(409);
    expect((await put("n98", "y")).status).toBe(204);
  });
});

test("health and metrics are there for those who watch the server", async () => {
  expect(await (await call("GET", "/healthz")).json()).toEqual({ ok: true });
  const text = await (await call("GET", "/metrics")).text();
  expect(text).toContain('buildomat_jobs{state="queued"}');
  expect(text).toContain('route="/0/jobs",status="201"');
});
