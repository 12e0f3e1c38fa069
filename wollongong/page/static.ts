import { Refused } from "../../core/common/refused.ts";
import { PAGE_HEADERS } from "./answer.ts";
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

/** @throws Refused 404 */
export function staticFile(name: string): Response {
  const found = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
  if (!found) throw new Refused(404, "There is nothing at this address.");
  const [file, type] = found;
  return new Response(Bun.file(file), { headers: { ...PAGE_HEADERS, "content-type": type, "cache-control": "max-age=300" } });
}
