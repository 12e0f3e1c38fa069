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

interface FileAnswer {
  request: Request;
  path: string;
  /** Hex of the whole file: its entity tag. */
  sha256: string;
}

/**
 * Answers `GET` or `HEAD` with a file or the part of it that the request asks for: 200, 206, 304 or 416.
 *
 * @throws Refused 404 when the file is gone
 */
export function fileResponse({ request, path, sha256 }: FileAnswer): Response {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new Refused(404, "this file is not stored here any more");
  const etag = `"${sha256}"`;
  const headers = {
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
    etag,
  };
  const head = request.method === "HEAD";
  if (listsTag(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });
  const wanted = rangeOf(request.headers, etag);
  if (wanted === null) return answer(200, { first: 0, last: size - 1 }, {});
  const range = parseRange(wanted, size);
  if (!range) return new Response(null, { status: 416, headers: { ...headers, "content-range": `bytes */${size}` } });
  return answer(206, range, { "content-range": `bytes ${range.first}-${range.last}/${size}` });

  function answer(status: 200 | 206, { first, last }: ByteRange, more: Record<string, string>): Response {
    const length = String(last + 1 - first);
    const body = head || last < first ? null : Bun.file(path).slice(first, last + 1, "application/octet-stream");
    return new Response(body, { status, headers: { ...headers, ...more, "content-length": length } });
  }
}

/** The `Range` header, unless `If-Range` names another version of the file: the whole of it is wanted then. */
function rangeOf(headers: Headers, etag: string): string | null {
  const condition = headers.get("if-range");
  return condition === null || condition === etag ? headers.get("range") : null;
}

const listsTag = (header: string | null, etag: string) =>
  (header ?? "").split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
