import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileResponse, parseRange } from "./ranges.ts";

describe("the range of a 10-byte file", () => {
  test.each([
    ["bytes=0-3", 0, 3],
    ["bytes=5-", 5, 9],
    ["bytes=-3", 7, 9],
    ["bytes=-99", 0, 9],
    ["bytes=8-99", 8, 9],
    ["bytes=0-1,50-60", 0, 1],
    ["BYTES=0-0", 0, 0],
  ])("%s", (header, first, last) => {
    expect(parseRange(header, 10)).toEqual({ first, last });
  });

  test.each([
    "bytes=10-",
    "bytes=-0",
    "bytes=3-1",
    "bytes=0-1,4-5",
    "items=0-1",
    "",
    "bytes=",
    "bytes=-",
    "bytes=a-b",
    "bytes=0-1,x",
    "0-1",
  ])("%p cannot be served", (header) => {
    expect(parseRange(header, 10)).toBeUndefined();
  });

  test("of an empty file there is none", () => {
    for (const header of ["bytes=0-", "bytes=0-0", "bytes=-1"]) expect(parseRange(header, 0)).toBeUndefined();
  });
});

describe("a file over HTTP", () => {
  const dir = mkdtempSync(join(tmpdir(), "ranges-"));
  const sha256 = "ab".repeat(32);
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => fileResponse({ request, path: join(dir, new URL(request.url).pathname.slice(1)), sha256 }),
    error: (error) => new Response(error.message, { status: 404 }),
  });
  afterAll(() => server.stop(true));
  const get = async (headers: Record<string, string> = {}, method = "GET", name = "ten") => {
    await Bun.write(join(dir, "ten"), "0123456789");
    await Bun.write(join(dir, "empty"), "");
    return await fetch(`${server.url}${name}`, { method, headers });
  };

  test("comes whole, as bytes that no browser may interpret", async () => {
    const answer = await get();
    expect([answer.status, await answer.text()]).toEqual([200, "0123456789"]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "accept-ranges": "bytes",
      "content-length": "10",
      "content-type": "application/octet-stream",
      "x-content-type-options": "nosniff",
      etag: `"${sha256}"`,
    });
    expect(answer.headers.get("content-range")).toBeNull();
  });

  test("comes in part", async () => {
    const answer = await get({ range: "bytes=2-4" });
    expect([
      answer.status,
      answer.headers.get("content-range"),
      answer.headers.get("content-length"),
      await answer.text(),
    ]).toEqual([206, "bytes 2-4/10", "3", "234"]);
  });

  test("a part that is not there is refused without a body", async () => {
    const answer = await get({ range: "bytes=10-" });
    expect([
      answer.status,
      answer.headers.get("content-range"),
      answer.headers.get("accept-ranges"),
      await answer.text(),
    ]).toEqual([416, "bytes */10", "bytes", ""]);
  });

  test.each([
    [{}, 200, "10", null],
    [{ range: "bytes=-4" }, 206, "4", "bytes 6-9/10"],
    [{ range: "bytes=99-" }, 416, "0", "bytes */10"],
  ])("HEAD mirrors GET: %p", async (headers: Record<string, string>, status, length, range) => {
    const answer = await get(headers, "HEAD");
    expect([answer.status, answer.headers.get("content-range"), await answer.text()]).toEqual([status, range, ""]);
    expect(answer.headers.get("content-length") ?? "0").toBe(length);
  });

  test("whoever has it gets 304", async () => {
    for (const tag of [`"${sha256}"`, `W/"${sha256}"`, `"x", "${sha256}"`, "*"])
      expect((await get({ "if-none-match": tag })).status).toBe(304);
    expect((await get({ "if-none-match": '"x"' })).status).toBe(200);
  });

  test("a part of another version is answered with the whole of this one", async () => {
    expect((await get({ range: "bytes=0-1", "if-range": '"x"' })).status).toBe(200);
    expect((await get({ range: "bytes=0-1", "if-range": `"${sha256}"` })).status).toBe(206);
  });

  test("an empty file is whole, and has no parts", async () => {
    const answer = await get({}, "GET", "empty");
    expect([answer.status, await answer.text(), answer.headers.get("content-length")]).toEqual([200, "", "0"]);
    expect((await get({ range: "bytes=0-" }, "GET", "empty")).status).toBe(416);
  });

  test("a missing file is refused", async () => {
    expect((await get({}, "GET", "missing")).status).toBe(404);
  });
});
