import type { VNode } from "preact";
import { renderToString } from "preact-render-to-string";

/** Nothing of a page is from elsewhere, and nothing in it is run but our own file. */
const CSP = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": CSP,
  "x-content-type-options": "nosniff",
  // The key in the address is what lets its reader in.
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

export const html = (page: VNode, status = 200): Response =>
  new Response(`<!doctype html>\n${renderToString(page)}`, { status, headers: PAGE_HEADERS });

/** The same in pieces, as they come: `hole` in the page is where they go. A failure ends it early, and is thrown. */
export function htmlAround(page: VNode, hole: string, pieces: AsyncGenerator<string>): Response {
  const [before = "", after = ""] = `<!doctype html>\n${renderToString(page)}`.split(hole);
  async function* all() {
    yield before;
    yield* pieces;
    yield after;
  }
  const texts = all();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await texts.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel: async () => void (await texts.return()),
  });
  return new Response(body, { headers: PAGE_HEADERS });
}
