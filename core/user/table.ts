import { type Static, Type } from "@sinclair/typebox";

/** The rows of this noun's tables; a test holds them against the migrated database. */
export const UserRow = Type.Object({
  id: Type.String(),
  name: Type.String(),
  token_hash: Type.String(),
  time_create: Type.Integer(),
});
export type UserRow = Static<typeof UserRow>;

export const UserPrivilegeRow = Type.Object({ user: Type.String(), privilege: Type.String() });

export const tables = { user: UserRow, user_privilege: UserPrivilegeRow };
