import { afterAll, beforeAll, expect, test } from "bun:test";
import openapi from "../client/openapi.json";
import { type TestServer, testServer } from "../fixture.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server[Symbol.asyncDispose]());

test("the page loads from this server alone, and nothing in it is inline", async () => {
  const response = await fetch(`${server.url}/docs`);
  const policy = response.headers.get("content-security-policy");
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("unsafe");
  const page = await response.text();
  const loads = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, path = ""]) => path);
  expect(loads.length).toBeGreaterThan(4);
  expect(loads.filter((path) => !/^\/docs\//.test(path))).toEqual([]);
  expect(page).not.toMatch(/<script>|<style|style=|onload=/);
  for (const path of loads) expect([path, (await fetch(server.url + path)).status]).toEqual([path, 200]);
});

test.each([
  ["/docs/", "text/html; charset=utf-8"],
  ["/docs/page.js", "text/javascript; charset=utf-8"],
  ["/docs/page.css", "text/css; charset=utf-8"],
  ["/docs/swagger-ui.js", "text/javascript; charset=utf-8"],
  ["/docs/swagger-ui.css", "text/css; charset=utf-8"],
  ["/docs/icon.png", "image/png"],
])("%s is %s and not to be taken for anything else", async (path, type) => {
  const response = await fetch(server.url + path);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, type]);
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  expect((await response.bytes()).length).toBeGreaterThan(0);
});

test("the served document is the one that the client is made from", async () => {
  expect(await (await fetch(`${server.url}/docs/openapi.json`)).json()).toEqual(openapi);
});
