import { RequestError } from "@octokit/request-error";

/** What a call to GitHub that failed means. */
export type Failure =
  /** We ask too often: not before `until` (ms). */
  | { kind: "limited"; until: number }
  /** Network, time, 5xx: the same call may succeed later. */
  | { kind: "passing" }
  /** GitHub will not have it. `status` of its answer. */
  | { kind: "final"; status: number; message: string };

const PASSING = new Set([401, 408, 425]);
/** What GitHub asks for where it does not say how long to wait, ms. */
const PATIENCE = 60_000;

/** Sorts a failure by what can be done about it (docs.github.com: "Best practices for using the REST API"). */
export function failureOf(error: unknown, now: number): Failure | undefined {
  if (!(error instanceof RequestError)) return isOfNetwork(error) ? { kind: "passing" } : undefined;
  const { status, message, response } = error;
  const headers = response?.headers ?? {};
  if (status === 429 || (status === 403 && isLimit(headers, message))) return { kind: "limited", until: limitEnds(headers, now) };
  // RequestError is also what octokit makes of a connection that failed, with a status of 500.
  if (status >= 500 || PASSING.has(status)) return { kind: "passing" };
  return { kind: "final", status, message };
}

type Headers = Record<string, string | number | undefined>;

const isLimit = (headers: Headers, message: string) =>
  headers["retry-after"] !== undefined || headers["x-ratelimit-remaining"] === "0" || /rate limit/i.test(message);

function limitEnds(headers: Headers, now: number): number {
  const seconds = Number(headers["retry-after"]);
  if (seconds > 0) return now + seconds * 1000;
  const reset = Number(headers["x-ratelimit-reset"]) * 1000;
  return headers["x-ratelimit-remaining"] === "0" && reset > now ? reset : now + PATIENCE;
}

const isOfNetwork = (error: unknown) =>
  error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError" || "code" in error);

/** What GitHub says that it has not, or does not show. */
export const isMissing = (error: unknown): boolean => error instanceof RequestError && error.status === 404;

export const isRejected = (error: unknown): boolean => error instanceof RequestError && error.status === 422;
