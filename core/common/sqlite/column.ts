import { type TSchema, Type } from "@sinclair/typebox";

/** A column that is 0 or 1. */
export const Flag = Type.Integer({ minimum: 0, maximum: 1 });

/** A column that may be NULL. */
export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
