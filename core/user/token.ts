import { newToken } from "../common/world.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { hashToken } from "../http/bearer.ts";
import { getUser } from "./user.ts";

/** Gives a user another token, of which this is the hash; the one before is refused from now on. @throws Refused 404 */
export function setUserToken(core: Core, id: string, tokenHash: string): { id: string; name: string } {
  return change(core, () => {
    const { name } = getUser(core, id);
    core.db.query("UPDATE user SET token_hash = ? WHERE id = ?").run(tokenHash, id);
    core.bells.ring("revoked");
    return { id, name };
  });
}

/** From now on nobody has a token of this user, until a new one is made. @throws Refused 404 */
export function revokeUserToken(core: Core, id: string): void {
  setUserToken(core, id, hashToken(newToken(core.world, 48)));
}
