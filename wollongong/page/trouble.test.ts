import { expect, test } from "bun:test";
import { Network } from "../../test/chaos/proxy.ts";
import { artefactUrl } from "../check/links.ts";
import { aSite, over, type Site, type Submitted } from "./fixture/site.ts";

const asBrowser = { headers: { accept: "text/html" } };
const addressOf = (site: Site, { suite, run }: Submitted, id: string, path: string) =>
  new URL(artefactUrl(site.server.wo, suite, run, { id, path })).pathname;

test("a core that cannot be asked is a page that says so, under the number of the request", async () => {
  await using site = await aSite({ network: await Network.open() });
  const job = await site.aRun();
  await site.core.stop();
  const pages = await Promise.all([job.page, "/status"].map((path) => site.get(path, asBrowser)));
  for (const page of pages) {
    const html = await page.text();
    expect(page.status).toBe(502);
    expect(html).toContain("The core cannot be asked now.");
    expect(html).toContain(`Request ${page.headers.get("x-request-id")}`);
    expect(html).toContain('<img src="/static/buildomat.png"');
    expect(html).not.toContain(site.core.url);
  }
  expect(await (await site.get("/status")).json()).toEqual({ request_id: expect.any(String), message: expect.any(String) });
});

test("an artefact whose bytes end too early is not taken for a whole one", async () => {
  const network = await Network.open();
  await using site = await aSite({ network });
  const job = await site.aRun();
  const id = await job.output("/out/app.bin", "x".repeat(2_000_000));
  await job.complete();
  await over(site, job);
  const cut = network.cut("signed_download", "half answered");
  const answer = await site.get(addressOf(site, job, id, "/out/app.bin"));
  const bytes = await answer.arrayBuffer().then(
    ({ byteLength }) => byteLength,
    (error: unknown) => (error instanceof Error ? "it fails" : "?"),
  );
  await cut;
  expect([answer.status, bytes]).toEqual([200, "it fails"]);
});

test("a structured log of more than 100 MiB is not shown as a table", async () => {
  await using site = await aSite();
  const job = await site.aRun();
  const limit = 100 * 1024 * 1024;
  const large = await job.output("/out/large.log", new Uint8Array(limit + 1));
  await job.complete();
  await over(site, job);
  const at = addressOf(site, job, large, "/out/large.log");
  const page = await site.get(`${at}?format=x-bunyan`, asBrowser);
  expect([page.status, await page.text()]).toEqual([413, expect.stringContaining("too large")]);
  expect((await site.get(at, { method: "HEAD" })).headers.get("content-length")).toBe(String(limit + 1));
  expect(await (await site.get(job.page)).text()).not.toContain("x-bunyan");
});
