import { readBody } from "../common/read-body.ts";
import { Refused } from "../common/refused.ts";

/** The original's limit on every body, which its clients count on. */
export const MAX_BODY = 10 * 1024 * 1024;

/** As deep as the original goes. What is much deeper overflows the stack of whatever walks it. */
const DEEPEST = 128;

/** Body parser of the routes that take JSON; a missing content type counts as JSON, as in the original. */
export async function parseJson({ request, contentType }: { request: Request; contentType: string }): Promise<unknown> {
  if (contentType && contentType !== "application/json" && !contentType.endsWith("+json"))
    throw new Refused(415, `expected a body of type application/json, not ${contentType}`);
  const bytes = await readBody(request, MAX_BODY);
  const value = parse(bytes);
  makeHarmless(value, 0);
  return value;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Refused(400, bytes.length === 0 ? "expected a JSON body, there is none" : "the body is not valid JSON", { cause });
  }
}

/** Whoever validates a body may write a part of it into a message: an object must not say how, with a `toString` of its own. */
function makeHarmless(value: unknown, depth: number): void {
  if (typeof value !== "object" || value === null) return;
  if (depth === DEEPEST) throw new Refused(400, `the body is nested more than ${DEEPEST} levels deep`);
  if (Object.hasOwn(value, "toString") || Object.hasOwn(value, "valueOf"))
    Object.defineProperty(value, Symbol.toPrimitive, { value: () => "an object" });
  for (const part of Object.values(value)) makeHarmless(part, depth + 1);
}
