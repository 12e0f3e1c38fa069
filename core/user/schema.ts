import { Type } from "@sinclair/typebox";
import { named, Timestamp, Ulid } from "../http/schema.ts";

export const UserName = Type.String({ minLength: 1, maxLength: 256, example: "alice" });
export const Privilege = Type.String({
  pattern: "^[0-9a-z._/-]+$",
  maxLength: 256,
  example: "admin.job.read",
  description: "characters from [0-9a-z._/-]",
});

const Usage = Type.Object(
  {
    active_jobs: Type.Integer({ minimum: 0, description: "jobs that have not ended", example: 3 }),
    running_jobs: Type.Integer({ minimum: 0, description: "those of them that have a machine", example: 1 }),
    bytes: Type.Integer({ minimum: 0, description: "of inputs and outputs that are kept on the server", example: 1048576 }),
  },
  { description: "how much of the server the user has" },
);

export const User = named(
  "User",
  Type.Object({
    disabled: Type.Optional(Type.Boolean({ description: "the user's token is refused" })),
    id: Ulid,
    name: Type.String({ example: "alice" }),
    privileges: Type.Array(Type.String({ example: "admin.job.read" })),
    time_create: Timestamp,
    usage: Type.Optional(Usage),
  }),
);

export const UserCreate = named("UserCreate", Type.Object({ name: UserName }));
export const UserCreateResult = named(
  "UserCreateResult",
  Type.Object({
    id: Ulid,
    name: Type.String({ example: "alice" }),
    token: Type.String({ example: "Xb3kQ7vN2mR9tYw5sLh8cJd4fGp6zA1eUoKiTnVxBqWrMyCj" }),
  }),
);
export const WhoamiResult = named("WhoamiResult", Type.Object({ id: Ulid, name: Type.String({ example: "alice" }) }));

export const UserParams = Type.Object({ user: Ulid });
export const PrivilegeParams = Type.Object({ user: Ulid, privilege: Privilege });
