import { Refused } from "../../core/common/refused.ts";
import { isLog } from "../check/links.ts";
import type { Wollongong } from "../wollongong.ts";

/** What comes from a job may be anything: a browser shows it, and runs nothing of it. */
const FOREIGN: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
  "referrer-policy": "no-referrer",
};

/** Of an answer of the core, what its reader gets too. */
const PASSED = ["accept-ranges", "content-length", "content-range", "etag", "last-modified"];
/** Of a request, what the core is told. */
const ASKED = ["range", "if-none-match", "if-range"];

/** Guessed from the name alone: the bytes are a stranger's. */
export function typeOf(name: string): string {
  if (name === "Cargo.lock" || isLog(name)) return "text/plain; charset=utf-8";
  const { type } = Bun.file(name);
  // A script that is called one must not be loaded as one.
  return /javascript|^text\//.test(type) && !type.startsWith("text/html") ? "text/plain; charset=utf-8" : type;
}

/** Bytes from the core for a browser, in the ranges that it asks for; never kept here, never sent elsewhere. */
export async function proxied(wo: Wollongong, request: Request, url: string, type: string): Promise<Response> {
  const headers = new Headers();
  for (const name of ASKED) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const answer = await wo.world
    .fetch(url, { method: request.method, headers, signal: request.signal })
    .catch((cause: unknown) => {
      throw new Refused(503, "The core cannot be asked now. Try again in a moment.", { cause });
    });
  if (answer.status === 404) throw new Refused(404, "There is nothing at this address.");
  if (![200, 206, 304, 416].includes(answer.status)) throw new Error(`the core answers ${answer.status} for an artefact`);
  const out = new Headers({ ...FOREIGN, "content-type": type });
  for (const name of PASSED) {
    const value = answer.headers.get(name);
    if (value !== null) out.set(name, value);
  }
  return new Response(answer.body, { status: answer.status, headers: out });
}

/** A URL of the core under which an output can be read for a while without a token. */
export async function signedUrl(
  wo: Wollongong,
  repo: number,
  job: string,
  output: string,
): Promise<{ url: string; size: number }> {
  const body = { expiry_seconds: 120 };
  const { url, size } = await wo.coreOf(repo).call("job_output_signed_url", { path: { job, output }, body });
  return { url, size };
}
