import { Type } from "@sinclair/typebox";
import { Nullable, named, Ulid } from "../http/schema.ts";

export const TargetName = Type.String({ minLength: 1, maxLength: 256 });

export const Target = named(
  "Target",
  Type.Object({
    desc: Type.String(),
    id: Ulid,
    name: Type.String(),
    privilege: Type.Optional(Nullable(Type.String({ description: "needed to submit to it" }))),
    redirect: Type.Optional(Nullable(Ulid)),
  }),
);
export const TargetCreate = named("TargetCreate", Type.Object({ name: TargetName, desc: Type.String() }));
export const TargetCreateResult = named("TargetCreateResult", Type.Object({ id: Ulid }));
export const TargetRedirect = named("TargetRedirect", Type.Object({ redirect: Type.Optional(Nullable(Ulid)) }));
export const TargetRename = named("TargetRename", Type.Object({ new_name: TargetName, signpost_description: Type.String() }));

export const TargetParams = Type.Object({ target: Ulid });
