import { type Static, Type } from "@sinclair/typebox";

const Flag = Type.Integer({ minimum: 0, maximum: 1 });

/** The rows of this noun's tables; a test holds them against the migrated database. */
export const FactoryRow = Type.Object({
  id: Type.String(),
  name: Type.String(),
  token_hash: Type.String(),
  lastping: Type.Union([Type.Integer(), Type.Null()]),
  enable: Flag,
  hold_workers: Flag,
});
export type FactoryRow = Static<typeof FactoryRow>;

export const tables = { factory: FactoryRow };
