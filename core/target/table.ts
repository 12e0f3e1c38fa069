import { type Static, Type } from "@sinclair/typebox";
import { orNull } from "../common/sqlite/column.ts";

export const TargetRow = Type.Object({
  id: Type.String(),
  name: Type.String(),
  desc: Type.String(),
  redirect: orNull(Type.String()),
  privilege: orNull(Type.String()),
});
export type TargetRow = Static<typeof TargetRow>;

export const tables = { target: TargetRow };
