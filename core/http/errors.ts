import { type AnyElysia, Elysia, ElysiaCustomStatusResponse, ValidationError } from "elysia";
import { diskFull, isDiskFull } from "../common/disk-full.ts";
import { reasonOf } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import { Refused } from "../common/refused.ts";

interface ErrorBody {
  request_id: string;
  error_code?: string;
  message: string;
}

/** Methods that the application has for a path; empty for a path that it does not know. */
export type MethodsOf = (path: string) => string[];

/** Gives every answer an `x-request-id`, and turns what a handler throws into `{request_id, error_code?, message}`, here alone. */
export const answerErrors = (logger: Logger, methodsOf: MethodsOf): AnyElysia =>
  new Elysia({ name: "errors" })
    .onRequest(({ set }) => {
      set.headers["x-request-id"] = crypto.randomUUID();
    })
    .onError({ as: "global" }, ({ code, error, set, request }) => {
      const request_id = String(set.headers["x-request-id"] ?? crypto.randomUUID());
      const methods = code === "NOT_FOUND" ? methodsOf(new URL(request.url).pathname) : [];
      if (methods.length > 0) set.headers["allow"] = methods.join(", ");
      const refusal = methods.length > 0 ? new Refused(405, `Method Not Allowed: this path knows ${methods.join(", ")}`) : error;
      const { status, message, error_code } = describe(code, isDiskFull(refusal) ? diskFull(refusal) : refusal);
      if (status === 500 || status === 507)
        logger.error("request failed", { request_id, method: request.method, path: new URL(request.url).pathname, error });
      set.status = status;
      const body: ErrorBody = { request_id, ...(error_code ? { error_code } : {}), message };
      return body;
    });

interface Description {
  status: number;
  message: string;
  error_code?: string | undefined;
}

function describe(code: unknown, thrown: unknown): Description {
  // What a body parser throws arrives wrapped.
  const wrapped = thrown instanceof Error && !(thrown instanceof Refused) && thrown.cause instanceof Refused;
  const error = wrapped ? thrown.cause : thrown;
  if (error instanceof Refused) return { status: error.status, message: error.message, error_code: error.code };
  if (error instanceof ElysiaCustomStatusResponse) return { status: error.code as number, message: String(error.response) };
  if (error instanceof ValidationError && error.type !== "response") return { status: 400, message: whatIsWrong(error) };
  if (code === "PARSE") return { status: 400, message: `the body cannot be read: ${reasonOf(error)}` };
  if (code === "NOT_FOUND") return { status: 404, message: "Not Found" };
  return { status: 500, message: "Internal Server Error", error_code: "Internal" };
}

/** `bad body: tasks/0/name: Expected string`. Of a number out of bounds in a query, Elysia tells the value but not the name. */
function whatIsWrong(error: ValidationError): string {
  const first = error.all.find((problem) => "summary" in problem && problem.summary);
  if (!first || !("summary" in first)) return `bad ${error.type}`;
  if (error.type === "property") return `bad value ${"value" in first ? JSON.stringify(first.value) : ""}: ${first.summary}`;
  const where = "path" in first && typeof first.path === "string" ? first.path.slice(1) : "";
  return `bad ${error.type}: ${where ? `${where}: ` : ""}${first.summary}`;
}
