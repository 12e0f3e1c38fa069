import { Refused } from "../common/refused.ts";

/** The original's limit on every body, which its clients count on. */
export const MAX_BODY = 10 * 1024 * 1024;

/** A whole body in memory. @throws Refused 413 */
export async function readBody(request: Request, max = MAX_BODY): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () => new Refused(413, `the body is larger than ${max} bytes`);
  const length = request.headers.get("content-length");
  if (Number(length) > max) throw tooLarge();
  if (length !== null) return new Uint8Array(await request.arrayBuffer());
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.byteLength;
    if (size > max) throw tooLarge();
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** Body parser of the routes that take JSON; a missing content type counts as JSON, as in the original. */
export async function parseJson({ request, contentType }: { request: Request; contentType: string }): Promise<unknown> {
  if (contentType && contentType !== "application/json" && !contentType.endsWith("+json"))
    throw new Refused(415, `expected a body of type application/json, not ${contentType}`);
  const bytes = await readBody(request);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Refused(400, bytes.length === 0 ? "expected a JSON body, there is none" : "the body is not valid JSON", { cause });
  }
}
