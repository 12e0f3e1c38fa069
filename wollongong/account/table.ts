import { type Static, Type } from "@sinclair/typebox";
import { Flag, orNull } from "../../core/common/sqlite/column.ts";

export const UserRow = Type.Object({
  id: Type.Integer(),
  login: Type.String(),
  usertype: Type.Union([Type.Literal("user"), Type.Literal("bot"), Type.Literal("org")]),
  name: orNull(Type.String()),
  email: orNull(Type.String()),
});
export type UserRow = Static<typeof UserRow>;

export const InstallState = Type.Union([Type.Literal("active"), Type.Literal("suspended"), Type.Literal("deleted")]);
export type InstallState = Static<typeof InstallState>;

export const InstallRow = Type.Object({ id: Type.Integer(), owner: Type.Integer(), state: InstallState });
export type InstallRow = Static<typeof InstallRow>;

export const RepositoryRow = Type.Object({
  id: Type.Integer(),
  owner: Type.String(),
  name: Type.String(),
  visibility: orNull(Type.Union([Type.Literal("public"), Type.Literal("private"), Type.Literal("internal")])),
  deleted: Flag,
});
export type RepositoryRow = Static<typeof RepositoryRow>;

export const tables = { user: UserRow, install: InstallRow, repository: RepositoryRow };
