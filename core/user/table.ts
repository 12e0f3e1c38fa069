import { type Static, Type } from "@sinclair/typebox";
import { Flag } from "../common/sqlite/column.ts";

/** The rows of this noun's tables; a test holds them against the migrated database. */
export const UserRow = Type.Object({
  id: Type.String(),
  name: Type.String(),
  token_hash: Type.String(),
  time_create: Type.Integer(),
  disabled: Flag,
});
export type UserRow = Static<typeof UserRow>;

export const UserPrivilegeRow = Type.Object({ user: Type.String(), privilege: Type.String() });

/** Kept by triggers on jobs and files; see migrations/0006_operators.sql. */
export const UserUsageRow = Type.Object({
  user: Type.String(),
  active: Type.Integer(),
  running: Type.Integer(),
  bytes: Type.Integer(),
});
export type UserUsageRow = Static<typeof UserUsageRow>;

export const tables = { user: UserRow, user_privilege: UserPrivilegeRow, user_usage: UserUsageRow };
