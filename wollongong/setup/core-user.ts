import type { Client } from "../../core/client/client.ts";
import { newToken, type World } from "../../core/common/world.ts";

/** To act for the repositories, each a user of its own, and to see what the status page shows. */
export const PRIVILEGES = ["delegate", "admin.job.read", "admin.target.read", "admin.user.read", "admin.worker.read"];

/**
 * Makes the core's user that Wollongong is. A token is shown only once, so every set-up makes another one.
 *
 * @param admin with the token of the global administrator
 * @returns name and token
 * @throws CallFailed
 */
export async function newCoreUser(admin: Client, world: World): Promise<{ name: string; token: string }> {
  const name = `github-${newToken(world, 8).toLowerCase()}`;
  const { id: user, token } = await admin.call("user_create", { body: { name } });
  for (const privilege of PRIVILEGES) await admin.call("user_privilege_grant", { path: { user, privilege } });
  return { name, token };
}
