import { type Static, Type } from "@sinclair/typebox";
import { Flag, orNull } from "../common/sqlite/column.ts";

export const WorkerState = Type.Union([
  Type.Literal("created"),
  Type.Literal("online"),
  Type.Literal("recycling"),
  Type.Literal("destroyed"),
]);
export type WorkerState = Static<typeof WorkerState>;

/** The rows of this noun's table; a test holds them against the migrated database. */
export const WorkerRow = Type.Object({
  id: Type.String(),
  factory: Type.String(),
  target: Type.String(),
  state: WorkerState,
  bootstrap: orNull(Type.String()),
  bootstrap_hash: Type.String(),
  token_hash: orNull(Type.String()),
  factory_private: orNull(Type.String()),
  factory_ip: orNull(Type.String()),
  factory_metadata: orNull(Type.String()),
  details: orNull(Type.String()),
  wait_for_flush: Flag,
  diagnostics: Flag,
  hold_time: orNull(Type.Integer()),
  hold_reason: orNull(Type.String()),
  lastping: orNull(Type.Integer()),
  long_polls: Flag,
  interrupted: orNull(Type.String()),
  time_create: Type.Integer(),
  time_online: orNull(Type.Integer()),
  time_destroyed: orNull(Type.Integer()),
  hour_price: orNull(Type.Number()),
  currency: orNull(Type.String()),
});
export type WorkerRow = Static<typeof WorkerRow>;

export const tables = { worker: WorkerRow };
