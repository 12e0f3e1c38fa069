import { type Static, Type } from "@sinclair/typebox";

export const SecretRow = Type.Object({
  owner: Type.Integer(),
  repo: Type.Integer(),
  name: Type.String(),
  value: Type.String(),
  time: Type.Integer(),
});
export type SecretRow = Static<typeof SecretRow>;

export const tables = { secret: SecretRow };
