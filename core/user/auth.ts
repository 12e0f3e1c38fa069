import { timingSafeEqual } from "node:crypto";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { bearerHash, hashToken, unauthorised } from "../http/bearer.ts";
import type { UserRow } from "./table.ts";
import { ensureUser, hasPrivilege } from "./user.ts";

export interface Caller {
  id: string;
  name: string;
}

/**
 * The user that a request acts as: the owner of its token, or the one named by `x-buildomat-delegate`, who is made if there
 * is none.
 *
 * @throws Refused 401, 403 for a delegation without the privilege `delegate`
 */
export function requireUser(core: Core, request: Request): Caller {
  const caller = tokenOwner(core, bearerHash(request));
  if (!caller) throw unauthorised();
  const name = request.headers.get("x-buildomat-delegate")?.trim();
  if (!name || !/^[\x21-\x7e]+$/.test(name)) return caller;
  if (!hasPrivilege(core, caller.id, "delegate"))
    throw new Refused(403, `you may not act as ${name}: you lack the privilege "delegate"`);
  return { id: ensureUser(core, name), name };
}

/**
 * Lets the global administrator pass, and a user who holds `admin.PRIVILEGE`; delegation does not count. Who it is, for
 * idempotency and for the log.
 *
 * @throws Refused 401, 403
 */
export function requireAdmin(core: Core, request: Request, privilege: string): string {
  const hash = bearerHash(request);
  if (timingSafeEqual(Buffer.from(hash), Buffer.from(hashToken(core.config.admin.token)))) return "admin";
  const caller = tokenOwner(core, hash);
  if (!caller) throw unauthorised();
  if (!hasPrivilege(core, caller.id, `admin.${privilege}`)) throw new Refused(403, `you lack the privilege "admin.${privilege}"`);
  return caller.id;
}

const tokenOwner = (core: Core, hash: string) =>
  core.db.query<Pick<UserRow, "id" | "name">, [string]>("SELECT id, name FROM user WHERE token_hash = ?").get(hash);
