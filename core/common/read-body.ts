import { Refused } from "./refused.ts";

/** A whole body in memory. @throws Refused 413 */
export async function readBody(request: Request, max: number): Promise<Uint8Array<ArrayBuffer>> {
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
