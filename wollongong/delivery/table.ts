import { type Static, Type } from "@sinclair/typebox";
import { Flag, orNull } from "../../core/common/sqlite/column.ts";

export const DeliveryRow = Type.Object({
  seq: Type.Integer(),
  uuid: Type.String(),
  event: Type.String(),
  headers: Type.String(),
  payload: Type.String(),
  recvtime: Type.Integer(),
  ack: orNull(Type.Integer()),
  note: orNull(Type.String()),
  error: orNull(Type.String()),
  tries: Type.Integer(),
  due: Type.Integer(),
  quarantined: Flag,
});
export type DeliveryRow = Static<typeof DeliveryRow>;

export const tables = { delivery: DeliveryRow };
