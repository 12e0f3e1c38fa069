import { Type } from "@sinclair/typebox";
import { type AnyElysia, Elysia, status } from "elysia";
import { newToken } from "../common/world.ts";
import type { Core } from "../core.ts";
import { hashToken } from "../http/bearer.ts";
import { once, tokenFor } from "../http/idempotency.ts";
import { refusals } from "../http/schema.ts";
import { requireAdmin, requireOwnerOrAdmin } from "./auth.ts";
import { disableUser, enableUser } from "./disable.ts";
import { UserCreateResult, UserParams } from "./schema.ts";
import { revokeUserToken, setUserToken } from "./token.ts";

/** Why a call may be refused that writes a user. */
const OF_A_USER = { 403: "you lack the privilege admin.user.write", 404: "there is no such user" };

/** What operators do with users that are there: tokens, and whether they are let in at all. */
export const userAdminRoutes = (core: Core): AnyElysia =>
  new Elysia({ name: "user-admin" })
    .post(
      "/0/users/:user/token",
      ({ request, params }) => {
        const principal = requireOwnerOrAdmin(core, request, params.user, "user.write");
        const token = tokenFor({ core, request, principal }, 48) ?? newToken(core.world, 48);
        const work = () => setUserToken(core, params.user, hashToken(token));
        return status(201, { ...once({ core, request, principal, asked: null }, work), token });
      },
      {
        params: UserParams,
        response: { 201: UserCreateResult },
        detail: {
          operationId: "user_token_rotate",
          summary: "A new token, shown this once; the one before ends. Users may ask for their own",
          tags: ["user"],
          responses: refusals(OF_A_USER),
        },
      },
    )
    .delete(
      "/0/users/:user/token",
      ({ request, params }) => {
        requireOwnerOrAdmin(core, request, params.user, "user.write");
        revokeUserToken(core, params.user);
        return status(204, undefined);
      },
      {
        params: UserParams,
        response: { 204: Type.Void() },
        detail: {
          operationId: "user_token_revoke",
          summary: "End a user's token, without a new one. Users may do so with their own",
          tags: ["user"],
          responses: refusals(OF_A_USER),
        },
      },
    )
    .post(
      "/0/users/:user/disable",
      ({ request, params, query }) => {
        requireAdmin(core, request, "user.write");
        disableUser(core, params.user, query.cancel_jobs ?? false);
        return status(204, undefined);
      },
      {
        params: UserParams,
        query: Type.Object({
          cancel_jobs: Type.Optional(Type.Boolean({ description: "end the user's jobs as well; else they go on" })),
        }),
        response: { 204: Type.Void() },
        detail: {
          operationId: "user_disable",
          summary: "Refuse a user's token until they are enabled again",
          tags: ["user"],
          responses: refusals(OF_A_USER),
        },
      },
    )
    .post(
      "/0/users/:user/enable",
      ({ request, params }) => {
        requireAdmin(core, request, "user.write");
        enableUser(core, params.user);
        return status(204, undefined);
      },
      {
        params: UserParams,
        response: { 204: Type.Void() },
        detail: {
          operationId: "user_enable",
          summary: "Let a disabled user in again",
          tags: ["user"],
          responses: refusals(OF_A_USER),
        },
      },
    );
