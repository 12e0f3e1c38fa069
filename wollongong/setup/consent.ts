import { timingSafeEqual } from "node:crypto";
import { codeOf, Explained } from "../../core/common/errors.ts";
import { CALLBACK } from "./manifest.ts";

export interface ConsentOptions {
  hostname: string;
  port: number;
  /** Nobody else knows it: it is in the address of the first page, and comes back with the code. */
  secret: string;
  /** Where GitHub's page for new Apps is. */
  newApp: string;
  manifest: object;
}

/** A small server, there only while a person agrees on GitHub to make the App. */
export interface Consent extends Disposable {
  readonly port: number;
  /** What GitHub gives for the App that was made; good once, and for an hour. */
  readonly code: Promise<string>;
}

/** @throws Explained where it cannot listen */
export function askConsent({ hostname, port, secret, newApp, manifest }: ConsentOptions): Consent {
  const code = Promise.withResolvers<string>();
  const serve = (request: Request): Response => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/__setup" && same(searchParams.get("key"), secret)) return formPage(newApp, secret, manifest);
    if (pathname !== CALLBACK) return page(404, "<p>There is nothing here: open the address that the set-up has printed.</p>");
    const given = searchParams.get("code") ?? "";
    if (!same(searchParams.get("state"), secret) || !/^\w+$/.test(given))
      return page(403, "<p>This does not come from the set-up that is running: begin again at the address it has printed.</p>");
    code.resolve(given);
    return page(200, "<p>The App is made. The set-up goes on in its terminal; this page can be closed.</p>");
  };
  try {
    const server = Bun.serve({ hostname, port, fetch: serve });
    return {
      port: server.port ?? port,
      code: code.promise,
      // The last page is still on its way.
      [Symbol.dispose]: () => void server.stop(),
    };
  } catch (cause) {
    const why = codeOf(cause) === "EADDRINUSE" ? "the port is in use: stop what is there, or choose another with --listen" : "";
    throw new Explained(`cannot listen on ${hostname}:${port}${why && `: ${why}`}`, { cause });
  }
}

function same(given: string | null, wanted: string): boolean {
  const [a, b] = [Buffer.from(given ?? ""), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function formPage(newApp: string, state: string, manifest: object): Response {
  const action = Bun.escapeHTML(`${newApp}?state=${state}`);
  const value = Bun.escapeHTML(JSON.stringify(manifest));
  return page(
    200,
    `<p>GitHub asks you next to make this App:</p><pre>${Bun.escapeHTML(JSON.stringify(manifest, undefined, 2))}</pre>
<form method="post" action="${action}"><input type="hidden" name="manifest" value="${value}"><button>Go to GitHub</button></form>`,
  );
}

const page = (status: number, body: string) =>
  new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Set up Buildomat</title><h1>Set up Buildomat</h1>${body}</html>`,
    {
      status,
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
      },
    },
  );
