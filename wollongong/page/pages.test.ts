import { afterAll, beforeAll, describe, expect, spyOn, test } from "bun:test";
import { artefactUrl, detailsUrl } from "../check/links.ts";
import { finishRun, moveRun } from "../check/run-state.ts";
import { CONTROL, ensureRun, replaceRun, updateRun } from "../check/runs.ts";
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
    expect(html).toMatch(new RegExp(`<title>build &lt;img [^<]* - ${ended.run.id}</title>`));
    expect(html).toMatch(new RegExp(`<h1>${ended.run.id}: build &lt;img `));
    expect(html).toContain("<pre>#!/bin/bash\n#: name = &quot;build&quot;");
    expect(html.replace(/<tbody.*/s, "")).toEndWith(
      '<th>SEQ</th><th>GLOBAL TIME</th><th class="local">LOCAL TIME</th><th>DETAILS</th></tr></thead>',
    );
    expect(html).not.toContain("<script");
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

  test("tells when its machine was asked for and came, as well as what became of the job", async () => {
    const html = await (await site.get(ended.page)).text();
    const [, facts = ""] = /<dl class="facts">(<dt>submit.*?)<\/dl>/s.exec(html) ?? [];
    const names = [...facts.matchAll(/<dt>(.*?)<\/dt>/g)].map(([, name]) => name);
    expect(names.sort()).toEqual(["assigned", "complete", "launched", "online", "ready", "submit"]);
    expect(html).toMatch(/<p>queue [\d.]+ s, boot [\d.]+ s, run [\d.]+ s<\/p>/);
  });

  test("leads from its tags to GitHub", async () => {
    const html = await (await site.get(ended.page)).text();
    const [, list = ""] = /<dl class="facts">(<dt>gong\..*?)<\/dl>/s.exec(html) ?? [];
    const web = `${site.server.wo.config.github.web_url}/acme`;
    const sha = ended.suite.head_sha;
    const tags = [...list.matchAll(/<dt>(.*?)<\/dt><dd>(?:<a href="(.*?)">)?(.*?)<\//gs)];
    expect(tags.map(([, name, href]) => [name, href])).toEqual([
      ["gong.head.branch", undefined],
      ["gong.head.sha", `${web}/app42/commit/${sha}`],
      ["gong.name", undefined],
      ["gong.plan.sha", `${web}/app42/commit/${sha}`],
      ["gong.repo.id", undefined],
      ["gong.repo.name", `${web}/app42`],
      ["gong.repo.owner", web],
      ["gong.run.github_id", `${web}/app42/runs/${ended.run.github_id}`],
    ]);
    expect(tags[0]?.[3]).toBe("main");
  });

  test("shows each line in the colour of its stream, with both times, and a gap where another task begins", async () => {
    const job = await site.aRun();
    await job.append([
      { stream: "stdout", payload: "out", task: 0 },
      { stream: "stderr", payload: "err", task: 0 },
      { stream: "task", payload: "exit", task: 0 },
      { stream: "worker", payload: "note" },
      { stream: "console", payload: "boot" },
      { stream: "panic", payload: "oops" },
      { stream: "bg.web.stderr", payload: "<b>", task: 0 },
      { stream: "other", payload: "what", task: 0 },
    ]);
    await job.complete();
    await over(site, job);
    const html = await (await site.get(job.page)).text();
    const [, body = ""] = /<tbody>(.*)<\/tbody>/s.exec(html) ?? [];
    const time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
    const row = (seq: number, css: string, text: string, local = time) =>
      `<tr class="${css}" id="S${seq}"><td class="num"><a href="#S${seq}">${seq}</a></td><td class="field">${time}</td><td class="field local">${local}</td><td class="payload">${text}</td></tr>\n`;
    const gap = '<tr class="gap"><td></td></tr>';
    const rows = [
      row(1, "s_control", "assigned to worker [^<]*", ""),
      gap + row(2, "s_stdout", "out"),
      row(3, "s_stderr", "err"),
      row(4, "s_task", "exit"),
      gap + row(5, "s_worker", "note"),
      row(6, "s_console", "boot"),
      row(7, "s_panic", "oops"),
      gap + row(8, "s_bgtask", "\\[web\\] &lt;b&gt;"),
      row(9, "s_default", "what"),
    ];
    expect(body).toMatch(new RegExp(`^${rows.join("")}`));
    expect(html).toContain('<table id="table_output" class="log"');
    expect(await (await site.get(`${job.page}?ts=all`)).text()).toContain('<table id="table_output" class="log all"');
  });

  test("shows so many bytes of a log at once, and leads to its further lines and to its end", async () => {
    const job = await site.aRun();
    const line = "x".repeat(8_000);
    for (let i = 0; i < 30; i++) await job.print(...Array.from({ length: 100 }, () => line));
    await job.complete();
    await over(site, job);
    const read = async (query: string) => {
      const html = await (await site.get(job.page + query.replaceAll("&amp;", "&"))).text();
      const seqs = [...html.matchAll(/ id="S(\d+)"/g)].map(([, seq]) => Number(seq));
      const link = (text: string) => new RegExp(`<a [^>]*href="([^"]*)">${text}</a>`).exec(html)?.[1] ?? "";
      return { html, seqs, link };
    };
    // How many lines there are is known once the log is sealed.
    while (!(await read("?log=none")).link("to its end")) await Bun.sleep(20);
    const first = await read("?ts=all");
    expect(first.seqs).toEqual(first.seqs.map((_, i) => i + 1));
    expect(first.seqs.length).toBeGreaterThan((15 * 1024 * 1024) / line.length);
    expect(first.seqs.length).toBeLessThan(3_000);
    expect(first.html).toContain(`<code>buildomat job tail ${job.job}</code> prints all of it.`);
    const rest = await read(first.link("it goes on here"));
    const all = [...first.seqs, ...rest.seqs];
    expect(all.length).toBeGreaterThan(3_000);
    expect(all).toEqual(all.map((_, i) => i + 1));
    expect(rest.html).toContain("job completed");
    expect(rest.html).toContain('class="log all"');
    expect(rest.html).not.toContain("it goes on here");
    expect(rest.link("from its beginning")).toBe("?ts=all");
    const end = first.link("to its end");
    expect(end).toEndWith(`#S${all.length}`);
    expect((await read(end)).seqs).toEqual(all.slice(-1000));
    expect(first.html).not.toContain("from its beginning");
  });

  test("of a short log shows all, and begins at no line that cannot be", async () => {
    expect(await (await site.get(ended.page)).text()).not.toContain("it goes on here");
    for (const from of ["0", "-1", "1.5", "x"]) expect((await site.get(`${ended.page}?from=${from}`)).status).toBe(404);
  });

  test("lists every artefact with its size, and logs a second time", async () => {
    const job = await site.aRun();
    const paths = Array.from({ length: 27 }, (_, i) => `/out/part-${String(i).padStart(2, "0")}.bin`);
    for (const path of paths) await job.output(path, "1234");
    await job.output("/out/a.log", "x".repeat(1537));
    await job.output("/out/a.log.2", "x");
    await job.complete();
    await over(site, job);
    const html = await (await site.get(job.page)).text();
    for (const path of paths) expect(html).toMatch(new RegExp(`>${path}</a> <span class="quiet">4B</span> </li>`));
    for (const [path, size] of [
      ["a.log", "1.50KiB"],
      ["a.log.2", "1B"],
    ])
      expect(html).toMatch(
        new RegExp(`/${path}</a> <span class="quiet">${size}</span> <a href="[^"]*/${path}\\?format=x-bunyan">\\[rendered\\]`),
      );
  });

  test("says so where the core does not keep the job any more", async () => {
    const { wo } = site.server;
    const { run, page } = site.aPlannedRun();
    change(wo, () => {
      moveRun(wo, run.id, "prepare", { submission: "{}" });
      moveRun(wo, run.id, "submit", { job: "01HZZZZZZZZZZZZZZZZZZZZZZZ" });
    });
    const answer = await site.get(page, asBrowser);
    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining("does not keep this any more")]);
    expect(await events(site.get(`${page}/live`))).toEqual([{ event: "end", id: "", data: "-" }]);
  });

  test("of the control run shows every run, the newest of each name marked", async () => {
    const { wo } = site.server;
    change(wo, () => ensureRun(wo, ended.suite.id, { name: "a first one", variety: "basic", path: "a.sh", content: "#!" }));
    const control = change(wo, () => ensureRun(wo, ended.suite.id, { name: CONTROL, variety: "control" }));
    const html = await (await site.get(new URL(detailsUrl(wo, ended.suite, control)).pathname)).text();
    expect(html).toContain("the latest instance");
    const made = new Date(ended.run.time_create).toISOString();
    expect(html).toContain(
      `<li><time datetime="${made}">${made}</time> <b><a href="${detailsUrl(wo, ended.suite, ended.run)}">${ended.run.id}</a></b> `,
    );
    expect(html).toMatch(/<span class="quiet">(\d+ m )?\d+ s ago, the latest instance<\/span>/);
    expect(html).toContain(`<a href="${wo.config.github.web_url}/acme/app42/runs/${ended.run.github_id}">on GitHub</a>`);
    const names = [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(2);
    expect(names).toEqual(names.toSorted());
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

  test("says that it is being cancelled, and then that it is, by whom", async () => {
    const { wo } = site.server;
    const planned = site.aPlannedRun();
    change(wo, () => updateRun(wo, planned.run.id, { cancelled_by: "<ann>" }));
    expect(await (await site.get(planned.page)).text()).toContain("It is being cancelled (&lt;ann>).");
    const job = await site.aRun();
    change(wo, () => updateRun(wo, job.run.id, { cancelled_by: "ann" }));
    await over(site, job);
    const html = await (await site.get(job.page)).text();
    expect(html).toContain('<strong class="state cancelled">cancelled</strong> <span class="story">Cancelled by ann.</span>');
    expect(html).not.toContain("being cancelled");
  });

  test("is there before its job is", async () => {
    const { wo } = site.server;
    const run = change(wo, () => ensureRun(wo, ended.suite.id, { name: "later", variety: "basic", path: "l.sh", content: "#!" }));
    const html = await (await site.get(new URL(detailsUrl(wo, ended.suite, run)).pathname)).text();
    expect(html).toContain("The job is not submitted yet");
  });

  test("of the control run, or without a job, has no live log and no artefacts", async () => {
    const { wo } = site.server;
    const control = change(wo, () => ensureRun(wo, ended.suite.id, { name: CONTROL, variety: "control" }));
    const page = new URL(detailsUrl(wo, ended.suite, control)).pathname;
    expect((await site.get(`${page}/live`)).status).toBe(404);
    for (const run of [control.id, site.aPlannedRun().run.id])
      expect((await site.get(artefact("/out/app.log", output).replace(ended.run.id, run))).status).toBe(404);
  });

  test("needs the right key, and a run of that very suite", async () => {
    const other = await site.aRun();
    const wrong = [
      ended.page.replace(ended.suite.url_key, "x".repeat(48)),
      ended.page.replace(ended.run.id, other.run.id),
      ended.page.replace(ended.suite.id, other.suite.id),
      ended.page.replace(ended.run.id, "nothing"),
    ];
    const said = new Set<string>();
    for (const path of wrong)
      for (const suffix of ["", "/live"]) {
        const answer = await site.get(path + suffix, asBrowser);
        expect(answer.status).toBe(404);
        said.add((await answer.text()).replace(/Request [0-9a-f-]{36}/, ""));
      }
    expect(said.size).toBe(1);
    await other.complete(true);
    const { conclusion, story } = await over(site, other);
    expect([conclusion, story]).toEqual(["failure", 'The job failed: task 0 ("say") failed.']);
  });
});

test("every answer has the number of its request", async () => {
  const paths = [ended.page, `${ended.page}/live`, artefact("/out/app.log", output), "/status", "/", "/nothing"];
  const numbers = await Promise.all(paths.map(async (path) => (await site.get(path)).headers.get("x-request-id")));
  expect(new Set(numbers).size).toBe(paths.length);
  for (const number of numbers) expect(number).toMatch(/^[0-9a-f-]{36}$/);
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
      return {
        event: fields["event"] ?? "",
        id: fields["id"] ?? "",
        data: fields["data"] === "-" ? "-" : (JSON.parse(fields["data"] ?? "null") as unknown),
      };
    });
}

describe("the live log", () => {
  test("sends every line once, also those still to come, and ends after the last one", async () => {
    const live = await site.aRun();
    await live.print("one");
    const response = await site.get(`${live.page}/live?minseq=1`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream",
      "x-accel-buffering": "no",
      "cache-control": "no-store",
      "x-request-id": expect.any(String),
    });
    const reading = events(response);
    await live.print("two", "three");
    await live.complete();
    const all = await reading;
    const rows = all.filter(({ event }) => event === "row");
    expect(rows.map(({ id }) => id)).toEqual(rows.map((_, i) => `seq-${i + 1}`));
    for (const word of ["one", "two", "three"])
      expect(rows.filter(({ data }) => String(data).includes(`<td class="payload">${word}</td>`))).toHaveLength(1);
    expect(all.at(-1)).toEqual({ event: "end", id: "", data: "-" });
    const page = await (await site.get(live.page)).text();
    expect(page).toContain(rows.map(({ data }) => data).join(""));
  });

  test("begins where it is asked to, with the gap that the page has there", async () => {
    const { wo } = site.server;
    const first = async (path: string, headers: Record<string, string> = {}) =>
      (await events(site.get(ended.page + path, { headers }))).find(({ event }) => event === "row");
    expect((await first("/live?minseq=3"))?.id).toBe("seq-3");
    expect((await first("/live"))?.id).toBe("seq-1");
    expect((await first("/live?minseq=2", { "last-event-id": "seq-3, seq-4" }))?.id).toBe("seq-2");
    expect(String((await first("/live?minseq=2"))?.data)).toStartWith('<tr class="gap">');
    expect(String((await first("/live?minseq=3"))?.data)).toStartWith('<tr class="s_stdout"');
    expect((await site.get(`${ended.page}/live?minseq=-1`)).status).toBe(404);
    expect(wo.shutdown.aborted).toBe(false);
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
    expect(await reading).toEqual([{ event: "end", id: "", data: "-" }]);
  });
});

describe("an artefact", () => {
  test.each<[string, Record<string, string>, number, string]>([
    ["whole", {}, 200, "0123456789"],
    ["in a range", { range: "bytes=2-4" }, 206, "234"],
    ["from its end", { range: "bytes=-3" }, 206, "789"],
    ["beyond its end", { range: "bytes=10-" }, 416, "*"],
    ["in several ranges", { range: "bytes=0-1,4-5" }, 416, "*"],
    ["in a range of something else", { range: "lines=1-2" }, 416, "*"],
    ["in an empty range", { range: "bytes=" }, 416, "*"],
  ])("is read %s", async (_, headers, status, text) => {
    const response = await site.get(artefact("/out/app.log", output), { headers, redirect: "manual" });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    const start = "0123456789".indexOf(text);
    const range = { 200: null, 206: `bytes ${start}-${start + text.length - 1}/10` }[status];
    expect(response.headers.get("content-range")).toBe(range === undefined ? "bytes */10" : range);
    expect(response.headers.get("accept-ranges")).toBe("bytes");
    if (status < 300) expect(response.headers.get("content-length")).toBe(String(text.length));
    if (status < 300) expect(await response.text()).toBe(text);
  });

  test.each([
    ["Cargo.lock", "text/plain; charset=utf-8"],
    ["app.log.12", "text/plain; charset=utf-8"],
    ["app.js", "text/plain; charset=utf-8"],
    ["app.css", "text/plain; charset=utf-8"],
    ["app.json", "application/json;charset=utf-8"],
    ["app.tar.gz", "application/gzip"],
    ["app.unheard-of", "application/octet-stream"],
    ["Cargo.lock.bin", "application/octet-stream"],
  ])("is of the type that its name says: %s", async (name, type) => {
    const response = await site.get(artefact(`/out/${name}`, output), { method: "HEAD" });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, type]);
  });

  test("of any name can be reached from the page", async () => {
    const job = await site.aRun();
    const name = "100% größer? #1 & 'a' <b>.txt";
    await job.output(`/out/${name}`, "here");
    await job.complete();
    await over(site, job);
    const html = await (await site.get(job.page)).text();
    const href = /<a href="([^"]*\/artefact\/[^"]*)">/.exec(html)?.[1]?.replaceAll("&#39;", "'") ?? "";
    expect(href).toContain("100%25%20gr%C3%B6%C3%9Fer%3F%20%231%20%26%20");
    expect(await (await site.get(new URL(href).pathname)).text()).toBe("here");
  });

  test("is read with an address of the core that holds for two minutes, and that nobody is told", async () => {
    const asked = spyOn(site.server.wo.world, "fetch");
    const response = await site.get(artefact("/out/app.log", output));
    const address = asked.mock.calls.map(([url]) => new URL(url)).find(({ searchParams }) => searchParams.has("signature"));
    asked.mockRestore();
    const expires = Number(address?.searchParams.get("expires"));
    expect(expires - Date.now()).toBeWithin(60_000, 120_001);
    const told = `${JSON.stringify([...response.headers])}${await response.text()}`;
    expect(told).not.toContain(address?.searchParams.get("signature") ?? "none");
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
    const page = await site.get(`${artefact("/out/page.html", output)}?format=x-bunyan`, asBrowser);
    expect([page.status, await page.text()]).toEqual([400, expect.stringContaining("cannot be shown as &quot;x-bunyan&quot;")]);
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

  test.each([
    ["style.css", "text/css; charset=utf-8"],
    ["live.js", "text/javascript; charset=utf-8"],
    ["buildomat.png", "image/png"],
    ["favicon.ico", "image/png"],
    ["index.html", "text/html; charset=utf-8"],
    ["notfound.html", "text/html; charset=utf-8"],
    ["error.html", "text/html; charset=utf-8"],
  ])("the file %s", async (name, type) => {
    const response = await site.get(`/static/${name}`);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, type]);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    if (name.endsWith(".html")) expect(await response.text()).toContain('src="/static/buildomat.png"');
  });

  test("a home page, and no other file of ours", async () => {
    expect((await site.get("/")).status).toBe(200);
    expect((await site.get("/static/..%2fstatic.ts")).status).toBe(404);
    expect((await site.get("/static/constructor")).status).toBe(404);
  });
});
