import { type Static, Type } from "@sinclair/typebox";

export const TargetRow = Type.Object({
  id: Type.String(),
  name: Type.String(),
  desc: Type.String(),
  redirect: Type.Union([Type.String(), Type.Null()]),
  privilege: Type.Union([Type.String(), Type.Null()]),
});
export type TargetRow = Static<typeof TargetRow>;

export const tables = { target: TargetRow };
