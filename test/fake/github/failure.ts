import type { Fault } from "./faults.ts";
import { rateHeaders } from "./limits.ts";

export const DOCS = "https://docs.github.com/rest";

/** What a fault lets happen and what it makes of the answer. @param act does what was asked for */
export async function suffering(fault: Fault | undefined, now: () => number, act: () => Promise<Response>): Promise<Response> {
  if (fault === undefined) return await act();
  if (typeof fault === "object" && "delay" in fault) {
    await Bun.sleep(fault.delay);
    return await act();
  }
  if (!isBefore(fault)) await act();
  return answerTo(fault, now());
}

/** Whether it keeps the request from being served at all. */
function isBefore(fault: Exclude<Fault, { delay: number }>): boolean {
  if (fault === "garbled") return false;
  if ("limit" in fault) return true;
  return "cut" in fault ? fault.cut === "before" : !fault.after;
}

function answerTo(fault: Exclude<Fault, { delay: number }>, now: number): Response {
  if (fault === "garbled")
    return new Response("<!DOCTYPE html><title>Unicorn!</title>", { headers: { "content-type": "text/html" } });
  if ("limit" in fault) return limited(fault.limit, fault.seconds, now, fault.status);
  return "cut" in fault ? cutOff() : failed(fault.status, fault.message);
}

/** Marks an answer that will never arrive. */
const CUT = "x-fake-cut";

/** As a log has it: 0 for no answer. */
export const statusOf = ({ headers, status }: Response) => (headers.has(CUT) ? 0 : status);

function failed(status: number, message = "because the test wants it"): Response {
  if (status < 500) return Response.json({ message, documentation_url: DOCS, status: String(status) }, { status });
  const page = `<!DOCTYPE html><html><head><title>Unicorn!</title></head><body><p>${status}: ${message}</p></body></html>`;
  return new Response(page, { status, headers: { "content-type": "text/html; charset=utf-8" } });
}

/** As GitHub says that there were too many calls, in an hour or at once. */
export function limited(kind: "primary" | "secondary", seconds: number, now: number, status: 403 | 429 = 403): Response {
  const primary = kind === "primary";
  const message = primary
    ? "API rate limit exceeded for installation."
    : "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
  const reset = Math.ceil(now / 1000 + seconds);
  const headers = {
    ...rateHeaders({
      limit: 5000,
      remaining: primary ? 0 : 4000,
      reset: primary ? reset : reset + 3600,
      used: primary ? 5000 : 1000,
    }),
    ...(primary ? {} : { "retry-after": String(Math.ceil(seconds)) }),
  };
  const documentation_url = `${DOCS}/overview/rate-limits-for-the-rest-api#about-${primary ? "primary" : "secondary"}-rate-limits`;
  return Response.json({ message, documentation_url }, { status, headers });
}

/** The body fails before its first byte, and with it the connection. (With an error, bun would also print it.) */
function cutOff(): Response {
  const body = new ReadableStream({ start: (controller) => controller.error() });
  return new Response(body, { headers: { [CUT]: "1" } });
}
