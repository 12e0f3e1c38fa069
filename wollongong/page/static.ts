import { Refused } from "../../core/common/refused.ts";
import { PAGE_HEADERS } from "./answer.ts";
import { faultPage } from "./fault.tsx";
import { homePage } from "./home.tsx";
import icon from "./static/buildomat.png" with { type: "file" };
import script from "./static/live.js" with { type: "file" };
import style from "./static/style.css" with { type: "file" };

/** The files that pages are made of: where each is, also inside the compiled program, and its type. */
const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "style.css": [style, "text/css; charset=utf-8"],
  "live.js": [script, "text/javascript; charset=utf-8"],
  "buildomat.png": [icon, "image/png"],
  // Browsers ask for this name, and look at the bytes.
  "favicon.ico": [icon, "image/png"],
};

/** Pages that a proxy in front may show by itself: under these names it finds them, whatever it is that has happened. */
const PAGES: Readonly<Record<string, () => Response>> = {
  "index.html": homePage,
  "notfound.html": () => faultPage(404, "There is nothing at this address.", { status: 200 }),
  "error.html": () => faultPage(500, "Try again in a moment.", { status: 200 }),
};

/** @throws Refused 404 */
export function staticFile(name: string): Response {
  const page = Object.hasOwn(PAGES, name) ? PAGES[name] : undefined;
  if (page) return page();
  const found = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
  if (!found) throw new Refused(404, "There is nothing at this address.");
  const [file, type] = found;
  return new Response(Bun.file(file), { headers: { ...PAGE_HEADERS, "content-type": type, "cache-control": "max-age=300" } });
}
