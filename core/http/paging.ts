import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { Refused } from "../common/refused.ts";
import { WholeNumber } from "./schema.ts";

export const PAGE = 1000;

/** `?limit=N` of the lists. The original takes any, and answers with its own. */
export const LimitQuery = {
  limit: Type.Optional(
    WholeNumber({ minimum: 1, maximum: 4_294_967_295, description: `most that a page has; ${PAGE} unless told, and at most` }),
  ),
};
/** A longer one would not fit into a URL. */
const LONGEST_TOKEN = 12 * 1024;

/**
 * Where the next page starts: base64url, padded, of `{"v":"v1","page_start":{...}}`, with the filters of the first page inside.
 *
 * @throws Refused 400 where these are too long
 */
export function pageToken(start: object): string {
  const token = Buffer.from(JSON.stringify({ v: "v1", page_start: start }))
    .toString("base64")
    .replaceAll("+", "-")
    .replaceAll("/", "_");
  if (token.length > LONGEST_TOKEN) throw new Refused(400, "bad query: the filter is too long for a list of several pages");
  return token;
}

/** @throws Refused 400 for a token that is not one of ours */
export function readPageToken<T extends TSchema>(schema: T, token: string): Static<T> {
  const bad = (cause?: unknown) => new Refused(400, "bad query: page_token: not one that this server gave out", { cause });
  if (token.length > LONGEST_TOKEN) throw bad();
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
  } catch (cause) {
    throw bad(cause);
  }
  if (typeof value !== "object" || value === null || !("v" in value) || value.v !== "v1" || !("page_start" in value)) throw bad();
  if (!Value.Check(schema, value.page_start)) throw bad();
  return value.page_start;
}
