import { timingSafeEqual } from "node:crypto";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { bearerHash, hashToken, unauthorised } from "../http/bearer.ts";
import type { UserRow } from "./table.ts";
import { ensureUser, hasPrivilege, requireEnabled } from "./user.ts";

export interface Caller {
  id: string;
  name: string;
}

/**
 * The user that a request acts as: the owner of its token, or the one named by `x-buildomat-delegate`, who is made if there
 * is none.
 *
 * @throws Refused 401; 403 for a user who is disabled, and for a delegation without the privilege `delegate`; 400 for a name
 *   that nobody can have
 */
export function requireUser(core: Core, request: Request): Caller {
  const caller = requireOwner(core, bearerHash(request));
  const name = request.headers.get("x-buildomat-delegate")?.trim();
  if (name === undefined) return caller;
  if (!hasPrivilege(core, caller.id, "delegate"))
    throw new Refused(403, 'to act as another user, you need the privilege "delegate"');
  if (!/^[\x20-\x7e]{1,256}$/.test(name))
    throw new Refused(400, "x-buildomat-delegate: expected the name of a user, 1 to 256 printable ASCII characters");
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
  const caller = requireOwner(core, hash);
  if (!hasPrivilege(core, caller.id, `admin.${privilege}`)) throw new Refused(403, `you lack the privilege "admin.${privilege}"`);
  return caller.id;
}

/** The same, but users pass where it is about themselves. @throws Refused 401, 403 */
export function requireOwnerOrAdmin(core: Core, request: Request, user: string, privilege: string): string {
  return ownerOf(core, bearerHash(request))?.id === user
    ? requireOwner(core, bearerHash(request)).id
    : requireAdmin(core, request, privilege);
}

/**
 * For a stream that goes on for long: whether the one who was let in still would be.
 *
 * @param letIn throws Refused where not; it is called only when somebody's rights were revoked meanwhile
 */
export function stillAllowed(core: Core, letIn: () => void): () => boolean {
  let known = core.bells.version("revoked");
  return () => {
    const version = core.bells.version("revoked");
    if (version === known) return true;
    try {
      letIn();
    } catch (error) {
      if (error instanceof Refused) return false;
      throw error;
    }
    known = version;
    return true;
  };
}

function requireOwner(core: Core, hash: string): Caller {
  const owner = ownerOf(core, hash);
  if (!owner) throw unauthorised();
  requireEnabled(owner);
  return { id: owner.id, name: owner.name };
}

const ownerOf = (core: Core, hash: string) =>
  core.db
    .query<Pick<UserRow, "id" | "name" | "disabled">, [string]>("SELECT id, name, disabled FROM user WHERE token_hash = ?")
    .get(hash);
