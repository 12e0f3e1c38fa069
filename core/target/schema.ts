import { Type } from "@sinclair/typebox";
import { Nullable, named, Ulid } from "../http/schema.ts";

export const TargetName = Type.String({ minLength: 1, maxLength: 256, example: "linux" });

export const Target = named(
  "Target",
  Type.Object({
    desc: Type.String({ example: "Debian 12, 8 cores" }),
    id: Ulid,
    name: Type.String({ example: "linux" }),
    privilege: Type.Optional(Nullable(Type.String({ description: "needed to submit to it", example: "target.linux" }))),
    redirect: Type.Optional(Nullable(Ulid)),
  }),
);
export const TargetCreate = named(
  "TargetCreate",
  Type.Object({ name: TargetName, desc: Type.String({ example: "Debian 12, 8 cores" }) }),
);
export const TargetCreateResult = named("TargetCreateResult", Type.Object({ id: Ulid }));
export const TargetRedirect = named("TargetRedirect", Type.Object({ redirect: Type.Optional(Nullable(Ulid)) }));
export const TargetRename = named(
  "TargetRename",
  Type.Object({ new_name: TargetName, signpost_description: Type.String({ example: "now called linux-12" }) }),
);

export const TargetParams = Type.Object({ target: Ulid });
