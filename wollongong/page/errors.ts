import { type AnyElysia, Elysia } from "elysia";
import { CallFailed } from "../../core/client/failure.ts";
import { reasonOf } from "../../core/common/errors.ts";
import { Refused } from "../../core/common/refused.ts";
import { failureOf } from "../github/failure.ts";
import type { Wollongong } from "../wollongong.ts";
import { faultPage } from "./fault.tsx";

interface Answer {
  status: number;
  message: string;
  code?: string | undefined;
}

const NOT_FOUND: Answer = { status: 404, message: "There is nothing at this address." };

/** Gives every answer an `x-request-id`, and turns what a handler throws into a page or, for programs, into JSON; here alone. */
export const answerErrors = ({ logger, world }: Wollongong): AnyElysia =>
  new Elysia({ name: "errors" })
    .onRequest(({ set }) => {
      set.headers["x-request-id"] = crypto.randomUUID();
    })
    .onError({ as: "global" }, ({ code, error, set, request }) => {
      const request_id = String(set.headers["x-request-id"] ?? "");
      const answer = answerFor(code, error, world.now());
      if (answer.status >= 500)
        logger.error(`request failed: ${reasonOf(error)}`, { request_id, path: new URL(request.url).pathname, error });
      if (request.headers.get("accept")?.includes("text/html"))
        return faultPage(answer.status, answer.message, { requestId: request_id });
      set.status = answer.status;
      return { request_id, ...(answer.code ? { error_code: answer.code } : {}), message: answer.message };
    });

function answerFor(code: unknown, error: unknown, now: number): Answer {
  if (error instanceof Refused) return { status: error.status, message: error.message, code: error.code };
  if (code === "NOT_FOUND") return NOT_FOUND;
  if (code === "VALIDATION" || code === "PARSE") return NOT_FOUND;
  // What a request needs of others, and does not get.
  if (error instanceof CallFailed && error.status === 404)
    return { status: 404, message: "The core does not keep this any more." };
  if (error instanceof CallFailed) return { status: 502, message: "The core cannot be asked now. Try again in a moment." };
  if (failureOf(error, now) !== undefined) return { status: 502, message: "GitHub cannot be asked now. Try again in a moment." };
  return { status: 500, message: "Internal Server Error", code: "Internal" };
}
