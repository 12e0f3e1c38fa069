import { codeOf, reasonOf } from "../common/errors.ts";

interface FailureDetails {
  status?: number;
  code?: string;
  requestId?: string;
  passing: boolean;
  cause?: unknown;
}

/** A call that did not succeed; the message is fit for a person. */
export class CallFailed extends Error {
  readonly operation: string;
  /** HTTP status; undefined where no answer came. */
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly requestId: string | undefined;
  /** The same call may succeed later: network errors, 408, 425, 429, 5xx, bodies that cannot be read. */
  readonly passing: boolean;

  constructor(operation: string, message: string, { status, code, requestId, passing, cause }: FailureDetails) {
    super(message, { cause });
    this.operation = operation;
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.passing = passing;
  }
}

const PASSING = new Set([408, 425, 429]);

/** The failure that an answer with an error status tells. */
export async function failureOf(operation: string, response: Response): Promise<CallFailed> {
  const { status } = response;
  const passing = PASSING.has(status) || status >= 500;
  const text = await response.text().catch(() => "");
  try {
    const { message, error_code, request_id } = JSON.parse(text) as { message: string; error_code?: string; request_id: string };
    return new CallFailed(operation, message, {
      status,
      passing,
      requestId: request_id,
      ...(error_code ? { code: error_code } : {}),
    });
  } catch {
    const hint = text.trimStart().startsWith("<")
      ? " with a page instead of JSON: is it a core, or a proxy in front of one that is down?"
      : "";
    return new CallFailed(operation, `the server answered ${status}${hint}`, { status, passing });
  }
}

export function networkFailure(operation: string, url: string, error: unknown): CallFailed {
  const code = codeOf(error);
  const reason = code === "ConnectionRefused" || code === "ECONNREFUSED" ? "connection refused: is it running?" : reasonOf(error);
  return new CallFailed(operation, `cannot reach ${url}: ${reason}`, { passing: true, cause: error, ...(code ? { code } : {}) });
}
