import { readBody } from "../common/read-body.ts";
import { Refused } from "../common/refused.ts";

/** The original's limit on every body, which its clients count on. */
export const MAX_BODY = 10 * 1024 * 1024;

/** Body parser of the routes that take JSON; a missing content type counts as JSON, as in the original. */
export async function parseJson({ request, contentType }: { request: Request; contentType: string }): Promise<unknown> {
  if (contentType && contentType !== "application/json" && !contentType.endsWith("+json"))
    throw new Refused(415, `expected a body of type application/json, not ${contentType}`);
  const bytes = await readBody(request, MAX_BODY);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Refused(400, bytes.length === 0 ? "expected a JSON body, there is none" : "the body is not valid JSON", { cause });
  }
}
