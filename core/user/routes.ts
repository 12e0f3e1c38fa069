import { Type } from "@sinclair/typebox";
import { type AnyElysia, Elysia, status } from "elysia";
import { newToken } from "../common/world.ts";
import type { Core } from "../core.ts";
import { hashToken } from "../http/bearer.ts";
import { parseJson } from "../http/body.ts";
import { once, tokenFor } from "../http/idempotency.ts";
import { refusals } from "../http/schema.ts";
import { requireAdmin, requireUser } from "./auth.ts";
import { PrivilegeParams, User, UserCreate, UserCreateResult, UserParams, WhoamiResult } from "./schema.ts";
import { createUser, getUser, grantPrivilege, listUsers, revokePrivilege } from "./user.ts";

export const userRoutes = (core: Core): AnyElysia =>
  new Elysia({ name: "user" })
    .get("/0/whoami", ({ request }) => requireUser(core, request), {
      response: { 200: WhoamiResult },
      detail: {
        operationId: "whoami",
        summary: "The user that the token acts as",
        tags: ["user"],
        responses: refusals({ 403: "you lack the privilege delegate" }),
      },
    })
    .get(
      "/0/users",
      ({ request, query }) => {
        requireAdmin(core, request, "user.read");
        return listUsers(core, query.name);
      },
      {
        query: Type.Object({ name: Type.Optional(Type.String()) }),
        response: { 200: Type.Array(User) },
        detail: {
          operationId: "users_list",
          summary: "All users, or the one of a name",
          tags: ["user"],
          responses: refusals({ 403: "you lack the privilege admin.user.read" }),
        },
      },
    )
    .post(
      "/0/users",
      ({ request, body }) => {
        const principal = requireAdmin(core, request, "user.create");
        const token = tokenFor({ core, request, principal }, 48) ?? newToken(core.world, 48);
        const id = once({ core, request, principal, asked: body }, () => createUser(core, body.name, hashToken(token)));
        return status(201, { id, name: body.name, token });
      },
      {
        parse: parseJson,
        body: UserCreate,
        response: { 201: UserCreateResult },
        detail: {
          operationId: "user_create",
          summary: "Make a user; the token is shown this once",
          tags: ["user"],
          responses: refusals({ 403: "you lack the privilege admin.user.create", 409: "there is a user of that name" }),
        },
      },
    )
    .get(
      "/0/users/:user",
      ({ request, params }) => {
        requireAdmin(core, request, "user.read");
        return getUser(core, params.user);
      },
      {
        params: UserParams,
        response: { 200: User },
        detail: {
          operationId: "user_get",
          summary: "One user",
          tags: ["user"],
          responses: refusals({ 403: "you lack the privilege admin.user.read", 404: "there is no such user" }),
        },
      },
    )
    .put(
      "/0/users/:user/privilege/:privilege",
      ({ request, params }) => {
        requireAdmin(core, request, "privilege.grant");
        grantPrivilege(core, params.user, params.privilege);
        return status(204, undefined);
      },
      {
        params: PrivilegeParams,
        response: { 204: Type.Void() },
        detail: {
          operationId: "user_privilege_grant",
          summary: "Give a user a privilege",
          tags: ["user"],
          responses: refusals({ 403: "you lack the privilege admin.privilege.grant", 404: "there is no such user" }),
        },
      },
    )
    .delete(
      "/0/users/:user/privilege/:privilege",
      ({ request, params }) => {
        requireAdmin(core, request, "privilege.revoke");
        revokePrivilege(core, params.user, params.privilege);
        return status(204, undefined);
      },
      {
        params: PrivilegeParams,
        response: { 204: Type.Void() },
        detail: {
          operationId: "user_privilege_revoke",
          summary: "Take a privilege from a user",
          tags: ["user"],
          responses: refusals({ 403: "you lack the privilege admin.privilege.revoke", 404: "there is no such user" }),
        },
      },
    );
