import { createHash } from "node:crypto";
import { Refused } from "../common/refused.ts";

/** What stands in the database in place of a token: its SHA-256, in hex. Finding a row by it tells nothing about the token. */
export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");

/** @throws Refused 401, the same for a missing, a malformed and an unknown token */
export const unauthorised = () => new Refused(401, "not authorised");

/** The token of `Authorization: Bearer TOKEN`, hashed. @throws Refused 401 */
export function bearerHash(request: Request): string {
  const [scheme, token, ...rest] = (request.headers.get("authorization") ?? "").trim().split(/\s+/);
  if (scheme?.toLowerCase() !== "bearer" || !token || token.length < 3 || rest.length > 0) throw unauthorised();
  return hashToken(token);
}
