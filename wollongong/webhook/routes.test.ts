import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { DeliveryRow } from "../delivery/table.ts";
import { signed, type TestWollongong, testWollongong } from "../fixture.ts";

let server: TestWollongong;
beforeAll(async () => {
  server = await testWollongong();
});
afterAll(() => server[Symbol.asyncDispose]());

const stored = () => server.wo.db.query<DeliveryRow, []>("SELECT * FROM delivery ORDER BY seq").all();
const last = () => stored().at(-1);
const ping = { zen: "Design for failure." };

describe("a webhook", () => {
  test("is on disk before it is answered, as it came", async () => {
    const body = '{ "zen": "Half measures\\u0020are as bad as nothing at all." }';
    const response = await server.send("ping", body, { "x-github-delivery": "uuid-1", "x-github-hook-id": "7" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.text()).toBe("null");
    expect(last()).toMatchObject({ uuid: "uuid-1", event: "ping", payload: body });
    expect(JSON.parse(last()?.headers ?? "")).toMatchObject({ "x-github-hook-id": "7", "x-github-event": "ping" });
  });

  test("that comes again does nothing, in whatever order its keys are", async () => {
    await server.send("ping", '{"a":1,"b":2}', { "x-github-delivery": "uuid-2" });
    const before = stored().length;
    expect((await server.send("ping", '{"b":2,"a":1}', { "x-github-delivery": "uuid-2" })).status).toBe(200);
    expect(stored().length).toBe(before);
  });

  test("that comes again with something else is refused", async () => {
    await server.send("ping", ping, { "x-github-delivery": "uuid-3" });
    const response = await server.send("ping", { zen: "other" }, { "x-github-delivery": "uuid-3" });
    expect(response.status).toBe(409);
    expect(await response.json()).toEqual({
      request_id: expect.any(String),
      error_code: "conflict",
      message: expect.stringContaining("uuid-3"),
    });
  });

  test("many at a time are all kept, each with a number of its own", async () => {
    const before = stored().length;
    const answers = await Promise.all(Array.from({ length: 50 }, () => server.send("ping", ping)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(stored().length).toBe(before + 50);
  });

  test("of many megabytes is taken", async () => {
    const response = await server.send("ping", { zen: "z".repeat(20 * 1024 * 1024) });
    expect(response.status).toBe(200);
  });
});

describe("refused is", () => {
  const bytes = (...list: number[]) => String.fromCharCode(...list);
  test.each<[string, number, string | object, Record<string, string>]>([
    ["a wrong signature", 401, ping, { "x-hub-signature-256": signed("something else") }],
    ["a signature under another secret", 401, ping, { "x-hub-signature-256": signed(JSON.stringify(ping), "other") }],
    ["a signature that is none", 401, ping, { "x-hub-signature-256": "sha256=" }],
    ["a body that is no JSON", 400, "zen", {}],
    ["a body that is no object", 400, "[]", {}],
    ["a header that is not ASCII", 400, ping, { "x-github-hook-id": bytes(0xe9) }],
    ["no event", 400, ping, { "x-github-event": "" }],
    ["no uuid", 400, ping, { "x-github-delivery": "" }],
    ["a body over 25 MiB", 413, { zen: "z".repeat(25 * 1024 * 1024) }, {}],
  ])("%s", async (_, status, payload, headers) => {
    const before = stored().length;
    const response = await server.send("ping", payload, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ request_id: expect.any(String), message: expect.any(String) });
    expect(stored().length).toBe(before);
  });
});
