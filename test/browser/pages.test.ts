import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { aSite, over, type Site } from "../../wollongong/page/fixture/site.ts";
import { aBrowser, type TestBrowser } from "./chromium.ts";
import { findChromium } from "./find.ts";
import { aFront, type Front } from "./front.ts";

/** As the base URL that the test server was given. */
const HOST = "wollongong.test";
const AT = `http://${HOST}`;

let site: Site;
let front: Front;
let browser: TestBrowser;
beforeAll(async () => {
  site = await aSite();
  front = aFront(site.server.url);
  browser = await aBrowser(HOST, front.port);
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  front[Symbol.dispose]();
  await site[Symbol.asyncDispose]();
});

/** The log as the page has it, with the gaps between tasks. */
const log = (page: Page) => page.locator("#table_output tbody").innerHTML();
const seqs = async (page: Page) =>
  await page.locator("#table_output tr[id]").evaluateAll((rows) => rows.map(({ id }) => Number(id.slice(1))));
/** Waits for a line. */
const line = (page: Page, text: string) => page.locator("#table_output td.payload", { hasText: text }).waitFor();
const colourOf = (page: Page, selector: string, property: "color" | "backgroundColor") =>
  page
    .locator(selector)
    .first()
    .evaluate((element, name) => getComputedStyle(element)[name], property);

test("where there is no browser, it is said how to get one", () => {
  expect(() => findChromium("/nowhere:/nowhere/else")).toThrow("apt-get install chromium");
});

test("a log grows while its job runs, goes on after a break, and stops after the last line, with no line twice", async () => {
  const job = await site.aRun();
  await job.print("first", "second");
  await browser.visit(async ({ page }) => {
    await page.goto(AT + job.page);
    await line(page, "second");
    await job.print("third");
    await line(page, "third");
    front.cut();
    await job.print("fourth", "fifth");
    await line(page, "fifth");
    expect(front.resumed.at(-1)).toMatch(/^seq-\d+$/);
    await job.output("/out/app.log", "hello");
    await job.complete();
    await page.getByText("That was the last line.").waitFor();
    await page.locator(".state.success").waitFor();
    await page.getByRole("link", { name: "/out/app.log" }).waitFor();
    const numbers = await seqs(page);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    const grown = await log(page);
    await page.reload();
    expect(await log(page)).toBe(grown);
    expect(await page.locator("#waiting").count()).toBe(0);
  });
});

test("a page that is opened before its job is submitted shows the log when it is", async () => {
  const planned = site.aPlannedRun();
  await browser.visit(async ({ page }) => {
    await page.goto(AT + planned.page);
    await page.getByText("The job is not submitted yet.").waitFor();
    const job = await planned.submit();
    await job.print("at last");
    await line(page, "at last");
    await job.complete(true);
    await page.locator(".state.failure").waitFor();
  });
});

test("a long log stays where its reader is, and goes along at its end", async () => {
  const job = await site.aRun();
  await job.print(...Array.from({ length: 500 }, (_, i) => `line ${i}.`));
  await browser.visit(async ({ page }) => {
    await page.goto(AT + job.page);
    await line(page, "line 499.");
    const below = page.locator("#below");
    expect(await below.isVisible()).toBe(false);
    await job.print("one more");
    await below.waitFor({ state: "visible" });
    expect(await page.evaluate(() => scrollY)).toBe(0);
    await below.click();
    await below.waitFor({ state: "hidden" });
    await job.print("and another");
    await line(page, "and another");
    await page.waitForFunction(() => innerHeight + scrollY >= document.documentElement.scrollHeight - 30);
    expect(await below.isVisible()).toBe(false);
    await job.complete();
    await page.getByText("That was the last line.").waitFor();
  });
});

test("machines' own times are shown to who asks for them, also of the lines that come", async () => {
  const job = await site.aRun();
  await job.print("first");
  await browser.visit(async ({ page }) => {
    await page.goto(AT + job.page);
    const times = page.locator("#table_output td.local");
    expect(await times.last().isVisible()).toBe(false);
    await page.getByRole("link", { name: "with local times" }).click();
    await page.waitForURL(/\?ts=all$/);
    await job.print("second");
    await line(page, "second");
    expect(await times.last().isVisible()).toBe(true);
    expect(await times.last().textContent()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    await page.getByRole("link", { name: "without local times" }).click();
    await times.last().waitFor({ state: "hidden" });
    await job.complete();
    await page.getByText("That was the last line.").waitFor();
  });
});

test("of 10,000 lines each is there, in its place, and has an address", async () => {
  const job = await site.aRun();
  const thousand = (from: number) => Array.from({ length: 1000 }, (_, i) => `line ${from + i}.`);
  for (let i = 0; i < 10; i++) await job.print(...thousand(1000 * i));
  await job.complete();
  await over(site, job);
  await browser.visit(async ({ page }) => {
    await page.goto(`${AT}${job.page}#S5000`);
    await page.waitForFunction(() => {
      const row = document.querySelector("#S5000:target");
      return row !== null && scrollY > 0 && row.getBoundingClientRect().top < innerHeight;
    });
    const numbers = await seqs(page);
    expect(numbers.length).toBeGreaterThan(10_000);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    expect(await page.locator("#S5002 td.payload").textContent()).toBe("line 5000.");
    await page.locator("#S5005 td.num a").click();
    expect(new URL(page.url()).hash).toBe("#S5005");
  });
});

/** Of the rows of a log by stream, and of a structured log by level, where it is light. */
const COLOURS: Record<string, string> = {
  "tr.s_stdout": "#ffffff",
  "tr.s_stderr": "#f3f3f3",
  "tr.s_task": "#add8e6",
  "tr.s_worker": "#fafad2",
  "tr.s_control": "#90ee90",
  "tr.s_console": "#e7d1ff",
  "tr.s_panic": "#f0cccc",
  "tr.s_bgtask": "#f79d65",
  "tr.s_default": "#dddddd",
  "tr.bunyan-trace": "#96f5fa",
  "tr.bunyan-debug": "#adc2ff",
  "tr.bunyan-info": "#adffb0",
  "tr.bunyan-warn": "#ffecad",
  "tr.bunyan-error": "#ffb5ad",
  "tr.bunyan-fatal": "#ffadf1",
};
const rgb = (hex: string) => `rgb(${[1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(", ")})`;

test("colours of lines can be told apart, light and dark", async () => {
  const job = await site.aRun({ name: "colours" });
  await job.print("plain", "\x1b[1;31mred\x1b[0m", "\x1b[32mgreen\x1b[0m", "\x1b[44mon blue\x1b[0m");
  const time = new Date().toISOString();
  const streams = ["stderr", "task", "worker", "console", "panic", "bg.web.stdout", "other"];
  const body = streams.map((stream) => ({ stream, time, payload: "hello", task: 0 }));
  await job.worker.call("worker_job_append", { path: { job: job.job }, query: {}, body });
  await job.output("/out/app.log", [10, 20, 30, 40, 50, 60].map((level) => entry(level, "hello")).join("\n"));
  await job.complete();
  await over(site, job);
  const texts = [".fg-red", ".fg-green", "tr.s_stdout td.payload"];
  const backs = ["body", ...["stderr", "task", "worker", "control", "console", "panic", "bgtask"].map((name) => `tr.s_${name}`)];
  const light: string[] = [];
  for (const scheme of ["light", "dark"] as const)
    await browser.visit(async ({ page }) => {
      await page.goto(AT + job.page);
      const seen = await Promise.all([
        ...texts.map((at) => colourOf(page, at, "color")),
        ...backs.map((at) => colourOf(page, at, "backgroundColor")),
      ]);
      expect(new Set(seen).size).toBe(seen.length);
      for (const [i, colour] of light.entries()) expect(seen[i]).not.toBe(colour);
      light.push(...seen);
    }, scheme);
  await browser.visit(async ({ page }) => {
    const look = async (selectors: string[]) => {
      const seen = selectors.map(async (at) => [at, await colourOf(page, at, "backgroundColor")] as const);
      expect(await Promise.all(seen)).toEqual(selectors.map((at) => [at, rgb(COLOURS[at] ?? "")]));
    };
    await page.goto(AT + job.page);
    await look(Object.keys(COLOURS).filter((at) => at.startsWith("tr.s_")));
    await page.getByRole("link", { name: "[rendered]" }).click();
    await look(Object.keys(COLOURS).filter((at) => at.startsWith("tr.bunyan-")));
  });
});

const entry = (level: number, msg: string) =>
  JSON.stringify({ v: 0, level, name: "app", hostname: "h", pid: 1, time: "2026-01-01T00:00:00Z", msg });

test("artefacts are a click away: text, structured logs by level, and pages that can do nothing", async () => {
  const job = await site.aRun();
  await job.output("/out/app.log", `${entry(30, "all is well")}\nnot an entry\n${entry(50, "all is lost")}\n`);
  await job.output("/out/evil.html", '<p>harmless</p><script>document.body.textContent = "harm"</script>');
  await job.complete();
  await over(site, job);
  await browser.visit(async ({ page, complaints }) => {
    await page.goto(AT + job.page);
    await page.getByRole("link", { name: "[rendered]" }).click();
    await page.getByText("all is well").waitFor();
    await page.getByRole("link", { name: "ERRO" }).click();
    await page.waitForURL(/level=50/);
    await page.getByText("all is lost").waitFor();
    expect(await page.getByText("all is well").isVisible()).toBe(false);
    expect(await page.getByText("not an entry").isVisible()).toBe(true);
    await page.goto(AT + job.page);
    await page.getByRole("link", { name: "/out/app.log" }).click();
    await page.waitForURL(/app\.log$/);
    expect(await page.locator("body").textContent()).toContain("all is lost");
    expect(complaints).toEqual([]);
    await page.goto(AT + job.page);
    await page.getByRole("link", { name: "/out/evil.html" }).click();
    await page.waitForURL(/evil\.html$/);
    expect(await page.locator("body").textContent()).toContain("harmless");
    expect(complaints.splice(0).join()).toContain("Blocked script execution");
  });
});

test("a narrow window has room for the lines", async () => {
  const job = await site.aRun();
  await job.print("long ".repeat(60));
  await job.complete();
  await over(site, job);
  await browser.visit(async ({ page }) => {
    await page.setViewportSize({ width: 420, height: 800 });
    await page.goto(AT + job.page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    const width = () =>
      page
        .locator("td.payload")
        .first()
        .evaluate((cell) => cell.getBoundingClientRect().width);
    expect(await width()).toBeGreaterThan(300);
    const cut = await page
      .locator("td.num")
      .first()
      .evaluate((cell) => {
        cell.textContent = "400012";
        return cell.scrollWidth - cell.clientWidth;
      });
    expect(cut).toBe(0);
    await page.goto(`${AT}${job.page}?ts=all`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(await width()).toBeGreaterThan(250);
  });
});

test("every other page is shown without a complaint, light and dark", async () => {
  for (const scheme of ["light", "dark"] as const)
    await browser.visit(async ({ page, complaints }) => {
      for (const path of ["/", "/status", "/nothing"]) {
        await page.goto(AT + path);
        expect(await page.locator("h1").count()).toBe(1);
      }
      expect(complaints.splice(0).filter((text) => !text.includes("status of 404"))).toEqual([]);
    }, scheme);
});
