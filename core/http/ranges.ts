import { statSync } from "node:fs";
import { Refused } from "../common/refused.ts";

/** Bytes of a file, both ends included. */
export interface ByteRange {
  first: number;
  last: number;
}

/**
 * The one satisfiable range that a `Range` header asks for (RFC 9110, 14.1.2): suffixes count from the end, an end past
 * the file is cut, ranges that start past it do not count.
 *
 * @returns undefined for anything else: no, or more than one satisfiable range, another unit, a malformed header
 */
export function parseRange(header: string, size: number): ByteRange | undefined {
  const list = /^bytes=(.*)$/i.exec(header.trim())?.[1];
  if (list === undefined) return undefined;
  const ranges: ByteRange[] = [];
  for (const part of list.split(",")) {
    const [, from = "", to = ""] = /^\s*(\d*)-(\d*)\s*$/.exec(part) ?? [];
    if (from === "" && to === "") return undefined;
    if (from !== "" && to !== "" && Number(from) > Number(to)) return undefined;
    const first = from === "" ? Math.max(0, size - Number(to)) : Number(from);
    const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
    if (first <= last) ranges.push({ first, last });
  }
  return ranges.length === 1 ? ranges[0] : undefined;
}

interface Asked {
  request: Request;
  /** Bytes of the whole file. */
  size: number;
  /** Hex of the whole file: its entity tag. */
  sha256: string;
}

/**
 * What `GET` or `HEAD` is answered about a file: 200, 206, 304 or 416.
 *
 * @returns status and headers, and the bytes that go with them, if any do
 */
export function answerTo({ request, size, sha256 }: Asked): { init: ResponseInit & { status: number }; range?: ByteRange } {
  const etag = `"${sha256}"`;
  const headers = {
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
    etag,
  };
  if (listsTag(request.headers.get("if-none-match"), etag)) return { init: { status: 304, headers } };
  const wanted = rangeOf(request.headers, etag);
  if (wanted === null) return answer(200, { first: 0, last: size - 1 }, {});
  const range = parseRange(wanted, size);
  if (!range) return { init: { status: 416, headers: { ...headers, "content-range": `bytes */${size}` } } };
  return answer(206, range, { "content-range": `bytes ${range.first}-${range.last}/${size}` });

  function answer(status: 200 | 206, range: ByteRange, more: Record<string, string>) {
    const length = range.last + 1 - range.first;
    const init = { status, headers: { ...headers, ...more, "content-length": String(length) } };
    return request.method === "HEAD" || length <= 0 ? { init } : { init, range };
  }
}

/**
 * Answers `GET` or `HEAD` with a file or the part of it that the request asks for.
 *
 * @throws Refused 404 when the file is gone
 */
export function fileResponse({ request, path, sha256 }: Omit<Asked, "size"> & { path: string }): Response {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new Refused(404, "this file is not stored here any more");
  const { init, range } = answerTo({ request, size, sha256 });
  return new Response(range ? partOf(path, range) : null, init);
}

/** Bytes of a file, as the body of an answer. */
export const partOf = (path: string, { first, last }: ByteRange): Blob =>
  Bun.file(path).slice(first, last + 1, "application/octet-stream");

/** The `Range` header, unless `If-Range` names another version of the file: the whole of it is wanted then. */
function rangeOf(headers: Headers, etag: string): string | null {
  const condition = headers.get("if-range");
  return condition === null || condition === etag ? headers.get("range") : null;
}

const listsTag = (header: string | null, etag: string) =>
  (header ?? "").split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
