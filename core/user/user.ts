import type { Static } from "@sinclair/typebox";
import { Refused } from "../common/refused.ts";
import { newToken } from "../common/world.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { hashToken } from "../http/bearer.ts";
import { iso, looksLikeId } from "../http/schema.ts";
import type { User } from "./schema.ts";
import type { UserRow, UserUsageRow } from "./table.ts";

/** Adds a user whose token has the given hash; its id. @throws Refused 400 for a name like an id, 409 for one that is taken */
export function createUser(core: Core, name: string, tokenHash: string): string {
  if (looksLikeId(name)) throw new Refused(400, `a user cannot be called "${name}": it looks like an id`);
  return change(core, () => {
    if (userNamed(core, name)) throw new Refused(409, `there is a user "${name}" already`);
    const id = core.world.id();
    core.db
      .query("INSERT INTO user (id, name, token_hash, time_create) VALUES (?, ?, ?, ?)")
      .run(id, name, tokenHash, core.world.now());
    return id;
  });
}

/**
 * The id of the user of that name, who is made if there is none: nobody is told their token.
 *
 * @throws Refused 400 for a name like an id, 403 for a user who is disabled
 */
export function ensureUser(core: Core, name: string): string {
  const known = core.db
    .query<Pick<UserRow, "id" | "name" | "disabled">, [string]>("SELECT id, name, disabled FROM user WHERE name = ?")
    .get(name);
  if (!known) return change(core, () => userNamed(core, name) ?? createUser(core, name, hashToken(newToken(core.world, 48))));
  requireEnabled(known);
  return known.id;
}

/** @throws Refused 403 */
export function requireEnabled({ name, disabled }: Pick<UserRow, "name" | "disabled">): void {
  if (disabled) throw new Refused(403, `user "${name}" is disabled: ask an operator of this server`);
}

/** The id of the user of that name. */
export const userNamed = (core: Core, name: string): string | undefined =>
  core.db.query<Pick<UserRow, "id">, [string]>("SELECT id FROM user WHERE name = ?").get(name)?.id;

/** @param name only the user of that name */
export function listUsers(core: Core, name?: string): Static<typeof User>[] {
  const rows =
    name === undefined
      ? core.db.query<UserRow, []>("SELECT * FROM user ORDER BY id").all()
      : core.db.query<UserRow, [string]>("SELECT * FROM user WHERE name = ?").all(name);
  return rows.map((row) => describeUser(core, row));
}

/** @throws Refused 404 */
export function getUser(core: Core, id: string): Static<typeof User> {
  const row = core.db.query<UserRow, [string]>("SELECT * FROM user WHERE id = ?").get(id);
  if (!row) throw new Refused(404, `there is no user ${id}`);
  return describeUser(core, row);
}

const describeUser = (core: Core, { id, name, time_create, disabled }: UserRow): Static<typeof User> => ({
  id,
  name,
  privileges: privilegesOf(core, id),
  time_create: iso(time_create),
  disabled: disabled === 1,
  usage: describeUsage(usageOf(core, id)),
});

const describeUsage = ({ active, running, bytes }: Usage) => ({ active_jobs: active, running_jobs: running, bytes });

type Usage = Omit<UserUsageRow, "user">;

/** How much of the server a user has. */
export const usageOf = (core: Core, user: string): Usage =>
  core.db.query<Usage, [string]>("SELECT active, running, bytes FROM user_usage WHERE user = ?").get(user) ?? {
    active: 0,
    running: 0,
    bytes: 0,
  };

export const privilegesOf = (core: Core, user: string): string[] =>
  core.db
    .query<{ privilege: string }, [string]>("SELECT privilege FROM user_privilege WHERE user = ? ORDER BY privilege")
    .all(user)
    .map((row) => row.privilege);

export const hasPrivilege = (core: Core, user: string, privilege: string): boolean =>
  core.db.query("SELECT 1 FROM user_privilege WHERE user = ? AND privilege = ?").get(user, privilege) !== null;

/** Granting twice is granting once. @throws Refused 404 */
export function grantPrivilege(core: Core, user: string, privilege: string): void {
  change(core, () => {
    getUser(core, user);
    core.db.query("INSERT INTO user_privilege (user, privilege) VALUES (?, ?) ON CONFLICT DO NOTHING").run(user, privilege);
  });
}

/** Revoking what was not granted changes nothing. @throws Refused 404 */
export function revokePrivilege(core: Core, user: string, privilege: string): void {
  change(core, () => {
    getUser(core, user);
    core.db.query("DELETE FROM user_privilege WHERE user = ? AND privilege = ?").run(user, privilege);
    core.bells.ring("revoked");
  });
}
