import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";

/** GitHub writes null where it has nothing. */
const maybe = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

export const User = Type.Object({
  id: Type.Integer(),
  login: Type.String(),
  type: Type.Optional(Type.String()),
  name: maybe(Type.String()),
  email: maybe(Type.String()),
});
export type User = Static<typeof User>;

export const Repository = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  // Of a push, the owner's account is written in another way; all has id and login.
  owner: Type.Object({ id: Type.Integer(), login: Type.String(), type: Type.Optional(Type.String()) }),
  visibility: maybe(Type.String()),
  private: Type.Optional(Type.Boolean()),
});
export type Repository = Static<typeof Repository>;

const Side = Type.Object({ ref: Type.String(), sha: Type.String(), repo: maybe(Repository) });

/** Of all webhooks, the fields that we use. Nothing else is looked at, so that nothing else can be wrong. */
export const Payload = Type.Object({
  action: Type.Optional(Type.String()),
  sender: Type.Optional(User),
  repository: Type.Optional(Repository),
  installation: Type.Optional(Type.Object({ id: Type.Integer(), account: maybe(User) })),
  repositories: Type.Optional(Type.Array(Type.Object({ id: Type.Integer(), full_name: Type.String(), private: Type.Boolean() }))),
  repositories_added: Type.Optional(
    Type.Array(Type.Object({ id: Type.Integer(), full_name: Type.String(), private: Type.Boolean() })),
  ),
  check_suite: Type.Optional(
    Type.Object({
      id: Type.Integer(),
      head_sha: Type.String(),
      head_branch: maybe(Type.String()),
      before: maybe(Type.String()),
      app: Type.Object({ id: Type.Integer() }),
    }),
  ),
  check_run: Type.Optional(
    Type.Object({ id: Type.Integer(), external_id: maybe(Type.String()), app: maybe(Type.Object({ id: Type.Integer() })) }),
  ),
  pull_request: Type.Optional(Type.Object({ number: Type.Integer(), head: Side, base: Side })),
  merge_group: Type.Optional(
    Type.Object({ head_sha: Type.String(), head_ref: Type.String(), base_sha: Type.String(), base_ref: Type.String() }),
  ),
  requested_action: Type.Optional(Type.Object({ identifier: Type.String() })),
});
export type Payload = Static<typeof Payload>;

/** Looking at a payload with the schema itself takes longer than everything else that is done with it. */
const compiled = TypeCompiler.Compile(Payload);

/** A delivery that means nothing to us; it is acknowledged, with this as its note. */
export class Meaningless extends Error {}

/** @throws Meaningless where a field that we use is not what it should be */
export function parsePayload(text: string): Payload {
  const payload: unknown = JSON.parse(text);
  if (compiled.Check(payload)) return payload;
  const [wrong] = compiled.Errors(payload);
  throw new Meaningless(`the payload cannot be read: ${wrong?.path.slice(1)}: ${wrong?.message.toLowerCase()}`);
}

/** Takes what a handler needs out of a payload. @throws Meaningless */
export function need<T>(value: T | undefined | null, name: string): T {
  if (value === undefined || value === null) throw new Meaningless(`the payload has no ${name}`);
  return value;
}
