import { expect } from "bun:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { findChromium, NoBrowser } from "./find.ts";

export interface Tab {
  page: Page;
  /** What the browser has complained of: errors of scripts, what a policy forbade, what could not be loaded. */
  complaints: string[];
}

export interface TestBrowser extends AsyncDisposable {
  /** Opens a tab as a stranger who likes it light or dark. What it complains of by the end fails the test. */
  visit(work: (tab: Tab) => Promise<void>, colours?: "light" | "dark"): Promise<void>;
}

/**
 * A browser for which `host` (a name, port 80) is at a port of this machine. Where none is installed, its tests are of the
 * message alone: it must say how to get one.
 */
export async function aBrowser(host: string, port: number): Promise<TestBrowser> {
  try {
    const args = [`--host-resolver-rules=MAP ${host}:80 127.0.0.1:${port}`];
    const browser = await chromium.launch({ executablePath: findChromium(), args });
    return {
      visit: (work, colours = "light") => visit(browser, colours, work),
      [Symbol.asyncDispose]: () => browser.close(),
    };
  } catch (error) {
    if (!(error instanceof NoBrowser)) throw error;
    const { message } = error;
    return {
      visit: async () => expect(message).toContain("apt-get install chromium"),
      [Symbol.asyncDispose]: async () => {},
    };
  }
}

async function visit(browser: Browser, colorScheme: "light" | "dark", work: (tab: Tab) => Promise<void>): Promise<void> {
  await using context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 720 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await work({ page, complaints });
  expect(complaints).toEqual([]);
}
