import { Type } from "@sinclair/typebox";
import { named, Timestamp, Ulid } from "../http/schema.ts";

export const UserName = Type.String({ minLength: 1, maxLength: 256 });
export const Privilege = Type.String({ pattern: "^[0-9a-z._/-]+$", maxLength: 256, description: "characters from [0-9a-z._/-]" });

export const User = named(
  "User",
  Type.Object({ id: Ulid, name: Type.String(), privileges: Type.Array(Type.String()), time_create: Timestamp }),
);

export const UserCreate = named("UserCreate", Type.Object({ name: UserName }));
export const UserCreateResult = named("UserCreateResult", Type.Object({ id: Ulid, name: Type.String(), token: Type.String() }));
export const WhoamiResult = named("WhoamiResult", Type.Object({ id: Ulid, name: Type.String() }));

export const UserParams = Type.Object({ user: Ulid });
export const PrivilegeParams = Type.Object({ user: Ulid, privilege: Privilege });
