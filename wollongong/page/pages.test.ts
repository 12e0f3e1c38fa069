import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { artefactUrl, detailsUrl } from "../check/links.ts";
import { finishRun } from "../check/run-state.ts";
import { CONTROL, ensureRun, replaceRun } from "../check/runs.ts";
import { change } from "../db/change.ts";
import { aSite, over, type Site, type Submitted } from "./fixture/site.ts";

let site: Site;
let ended: Submitted;
let output: string;
beforeAll(async () => {
  site = await aSite();
  ended = await site.aRun({ name: 'build <img src=x onerror="alert(1)">' });
  await ended.print("plain", "\x1b[31mred\x1b[0m", "<script>alert(2)</script>");
  output = await ended.output("/out/app.log", "0123456789");
  await ended.output("/out/page.html", "<h1>hello</h1>");
  await ended.complete();
  await over(site, ended);
});
afterAll(() => site[Symbol.asyncDispose]());

const asBrowser = { headers: { accept: "text/html" } };
const artefact = (path: string, id: string) =>
  new URL(artefactUrl(site.server.wo, ended.suite, ended.run, { id, path })).pathname;

describe("the page of a run", () => {
  test("tells its state, its job, its artefacts and its whole log, everything escaped", async () => {
    const response = await site.get(ended.page);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const html = await response.text();
    expect(html).toContain('<strong class="state success">success</strong>');
    expect(html).toContain(`Job ${ended.job}`);
    expect(html).toContain("/out/app.log</a>");
    expect(html).toContain('<span class="fg-red">red</span>');
    expect(html).toContain("&lt;script&gt;alert(2)&lt;/script&gt;");
    expect(html).not.toMatch(/<img src=x|<script>alert/);
    const rows = [...html.matchAll(/<tr class="s_\w+" id="S(\d+)">/g)].map(([, seq]) => Number(seq));
    expect(rows.length).toBeGreaterThan(3);
    expect(rows).toEqual(rows.map((_, i) => i + 1));
  });

  test("runs nothing, loads nothing from elsewhere and tells nobody its address", async () => {
    const { headers } = await site.get(ended.page);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain("unsafe");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("of the control run shows every run, the newest of each name marked", async () => {
    const { wo } = site.server;
    const control = change(wo, () => ensureRun(wo, ended.suite.id, { name: CONTROL, variety: "control" }));
    const html = await (await site.get(new URL(detailsUrl(wo, ended.suite, control)).pathname)).text();
    expect(html).toContain("the latest instance");
    expect(html).toContain(`<b><a href="${detailsUrl(wo, ended.suite, ended.run)}">${ended.run.id}</a></b>`);
  });

  test("tells of all instances, where it was run again", async () => {
    const { wo } = site.server;
    const again = change(wo, () => {
      const first = ensureRun(wo, ended.suite.id, { name: "again", variety: "basic", path: "a.sh", content: "#!" });
      replaceRun(wo, first);
      return ensureRun(wo, ended.suite.id, { name: "again", variety: "basic", path: "a.sh", content: "#!" });
    });
    const html = await (await site.get(new URL(detailsUrl(wo, ended.suite, again)).pathname)).text();
    expect(html).toContain("All 2 instances of this run");
    expect(await (await site.get(ended.page)).text()).not.toContain("instances of this run");
  });

  test("is there before its job is", async () => {
    const { wo } = site.server;
    const run = change(wo, () => ensureRun(wo, ended.suite.id, { name: "later", variety: "basic", path: "l.sh", content: "#!" }));
    const html = await (await site.get(new URL(detailsUrl(wo, ended.suite, run)).pathname)).text();
    expect(html).toContain("The job is not submitted yet");
  });

  test("needs the right key, and a run of that very suite", async () => {
    const other = await site.aRun();
    const wrong = [
      ended.page.replace(ended.suite.url_key, "x".repeat(48)),
      ended.page.replace(ended.run.id, other.run.id),
      ended.page.replace(ended.suite.id, other.suite.id),
      ended.page.replace(ended.run.id, "nothing"),
    ];
    for (const path of wrong)
      for (const suffix of ["", "/live"]) expect((await site.get(path + suffix, asBrowser)).status).toBe(404);
    await other.complete(true);
    expect((await over(site, other)).conclusion).toBe("failure");
  });
});

describe("what is not there", () => {
  test("is a page for a browser and JSON for a program, both with the number of the request", async () => {
    const page = await site.get("/nothing", asBrowser);
    expect(page.status).toBe(404);
    expect(await page.text()).toContain(page.headers.get("x-request-id") ?? "?");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    const json = await site.get("/nothing");
    expect(await json.json()).toEqual({ request_id: json.headers.get("x-request-id"), message: expect.any(String) });
  });
});

/** Reads a live stream to its end. */
async function events(answer: Response | Promise<Response>): Promise<{ event: string; id: string; data: unknown }[]> {
  const text = await (await answer).text();
  return text
    .replace(/^: .*\n/gm, "")
    .split("\n\n")
    .filter((block) => block.startsWith("event: "))
    .map((block) => {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2))) as Record<
        string,
        string
      >;
      return { event: fields["event"] ?? "", id: fields["id"] ?? "", data: JSON.parse(fields["data"] ?? "null") as unknown };
    });
}

describe("the live log", () => {
  test("sends every line once, also those still to come, and ends after the last one", async () => {
    const live = await site.aRun();
    await live.print("one");
    const response = await site.get(`${live.page}/live?minseq=1`);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const reading = events(response);
    await live.print("two", "three");
    await live.complete();
    const all = await reading;
    const rows = all.filter(({ event }) => event === "row");
    expect(rows.map(({ id }) => id)).toEqual(rows.map((_, i) => `seq-${i + 1}`));
    for (const word of ["one", "two", "three"])
      expect(rows.filter(({ data }) => String(data).includes(`<td class="payload">${word}</td>`))).toHaveLength(1);
    expect(all.at(-1)).toMatchObject({ event: "end" });
  });

  test("goes on after what a browser has seen, whatever the address says", async () => {
    const response = await site.get(`${ended.page}/live?minseq=1`, { headers: { "last-event-id": "seq-3" } });
    const rows = (await events(response)).filter(({ event }) => event === "row");
    expect(rows[0]?.id).toBe("seq-4");
  });

  test("of a run without a job ends when there is something new to see", async () => {
    const { wo } = site.server;
    const run = change(wo, () => ensureRun(wo, ended.suite.id, { name: "soon", variety: "basic", path: "s.sh", content: "#!" }));
    const reading = events(site.get(`${new URL(detailsUrl(wo, ended.suite, run)).pathname}/live`));
    change(wo, () => finishRun(wo, run.id, "skipped", "Not wanted."));
    expect(await reading).toEqual([{ event: "end", id: "end", data: "-" }]);
  });
});

describe("an artefact", () => {
  test.each<[string, Record<string, string>, number, string]>([
    ["whole", {}, 200, "0123456789"],
    ["in a range", { range: "bytes=2-4" }, 206, "234"],
    ["from its end", { range: "bytes=-3" }, 206, "789"],
    ["beyond its end", { range: "bytes=10-" }, 416, ""],
  ])("is read %s", async (_, headers, status, text) => {
    const response = await site.get(artefact("/out/app.log", output), { headers });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    if (status < 300) expect(await response.text()).toBe(text);
    else expect(response.headers.get("content-range")).toBe("bytes */10");
  });

  test("has a length before it is read, and a tag by which it need not be", async () => {
    const head = await site.get(artefact("/out/app.log", output), { method: "HEAD" });
    expect(head.headers.get("content-length")).toBe("10");
    const etag = head.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
    expect((await site.get(artefact("/out/app.log", output), { headers: { "if-none-match": etag } })).status).toBe(304);
  });

  test("that is a page is shown, and can do nothing", async () => {
    const html = await (await site.get(ended.page)).text();
    const href = /href="([^"]*page\.html)"/.exec(html)?.[1] ?? "";
    const response = await site.get(new URL(href).pathname);
    expect(response.headers.get("content-type")).toBe("text/html;charset=utf-8");
    expect(response.headers.get("content-security-policy")).toMatch(/^sandbox; default-src 'none'/);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("that is not there, or of another run, is not found", async () => {
    expect((await site.get(artefact("/out/app.log", "01HZZZZZZZZZZZZZZZZZZZZZZZ"))).status).toBe(404);
    const other = await site.aRun();
    expect((await site.get(artefact("/out/app.log", output).replace(ended.run.id, other.run.id))).status).toBe(404);
    await other.complete();
    await over(site, other);
  });

  test("is shown as a structured log where that is asked for", async () => {
    const address = artefact("/out/app.log", output);
    expect(await (await site.get(`${address}?format=x-bunyan`)).text()).toContain('class="bunyan-other"');
    expect((await site.get(`${address}?format=other`)).status).toBe(400);
  });
});

describe("for everyone", () => {
  test("published files, also of private repositories, with ranges", async () => {
    const secret = await site.aRun({ visibility: "private", repo: 43 });
    const id = await secret.output("/out/app.tar.gz", "abcdef");
    await secret.complete();
    await over(site, secret);
    const core = site.server.wo.coreOf(43);
    const version = secret.suite.head_sha;
    await core.call("job_output_publish", {
      path: { job: secret.job, output: id },
      body: { series: "app", version, name: "app.tar.gz" },
    });
    const path = `/public/file/acme/app43/app/${version}/app.tar.gz`;
    const response = await site.get(path, { headers: { range: "bytes=1-2" } });
    expect([response.status, await response.text()]).toEqual([206, "bc"]);
    expect((await site.get(path, { method: "HEAD" })).headers.get("content-length")).toBe("6");
    expect((await site.get(path.replace("acme", "other"))).status).toBe(404);
    expect((await site.get(path.replace("app.tar.gz", "%2e%2e%2fx"))).status).toBe(404);
  });

  test("no branch of a private repository, nor of one that is not known", async () => {
    expect((await site.get("/public/branch/acme/app43/main")).status).toBe(404);
    expect((await site.get("/public/branch/acme/nothing/main")).status).toBe(404);
  });

  test("the status, which names public repositories alone", async () => {
    const response = await site.get("/status");
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(html).toContain("acme/app42");
    expect(html).toContain("of a private repository");
    expect(html).not.toContain("app43");
    expect(html).toContain("Recently Completed Jobs");
    expect(html).not.toMatch(/<img src=x/);
  });

  test.each(["style.css", "live.js", "buildomat.png", "favicon.ico"])("the file %s", async (name) => {
    const response = await site.get(`/static/${name}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("a home page, and no other file of ours", async () => {
    expect((await site.get("/")).status).toBe(200);
    expect((await site.get("/static/..%2fstatic.ts")).status).toBe(404);
    expect((await site.get("/static/constructor")).status).toBe(404);
  });
});
