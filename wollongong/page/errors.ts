import { type AnyElysia, Elysia } from "elysia";
import { reasonOf } from "../../core/common/errors.ts";
import { Refused } from "../../core/common/refused.ts";
import type { Wollongong } from "../wollongong.ts";

interface Answer {
  status: number;
  message: string;
  code?: string | undefined;
}

/** Gives every answer an `x-request-id`, and turns what a handler throws into `{request_id, error_code?, message}`, here alone. */
export const answerErrors = ({ logger }: Wollongong): AnyElysia =>
  new Elysia({ name: "errors" })
    .onRequest(({ set }) => {
      set.headers["x-request-id"] = crypto.randomUUID();
    })
    .onError({ as: "global" }, ({ code, error, set, request }) => {
      const request_id = String(set.headers["x-request-id"] ?? "");
      const answer = answerFor(code, error);
      if (answer.status === 500)
        logger.error(`request failed: ${reasonOf(error)}`, { request_id, path: new URL(request.url).pathname, error });
      set.status = answer.status;
      return { request_id, ...(answer.code ? { error_code: answer.code } : {}), message: answer.message };
    });

function answerFor(code: unknown, error: unknown): Answer {
  if (error instanceof Refused) return { status: error.status, message: error.message, code: error.code };
  if (code === "NOT_FOUND") return { status: 404, message: "Not Found" };
  if (code === "VALIDATION" || code === "PARSE") return { status: 400, message: "the request cannot be read" };
  return { status: 500, message: "Internal Server Error", code: "Internal" };
}
