import { type Static, Type } from "@sinclair/typebox";
import { Flag, orNull } from "../common/sqlite/column.ts";

/** The rows of this noun's tables; a test holds them against the migrated database. */
export const FactoryRow = Type.Object({
  id: Type.String(),
  name: Type.String(),
  token_hash: Type.String(),
  lastping: orNull(Type.Integer()),
  enable: Flag,
  hold_workers: Flag,
  draining: Flag,
  offers: orNull(Type.String()),
});
export type FactoryRow = Static<typeof FactoryRow>;

export const tables = { factory: FactoryRow };
