import { Type } from "@sinclair/typebox";
import { type AnyElysia, Elysia, status } from "elysia";
import type { Core } from "../core.ts";
import { parseJson } from "../http/body.ts";
import { once } from "../http/idempotency.ts";
import { refusals } from "../http/schema.ts";
import { requireAdmin } from "../user/auth.ts";
import { Privilege } from "../user/schema.ts";
import { Target, TargetCreate, TargetCreateResult, TargetParams, TargetRedirect, TargetRename } from "./schema.ts";
import { createTarget, listTargets, redirectTarget, renameTarget, restrictTarget } from "./target.ts";

export const targetRoutes = (core: Core): AnyElysia =>
  new Elysia({ name: "target" })
    .get(
      "/0/admin/targets",
      ({ request }) => {
        requireAdmin(core, request, "target.read");
        return listTargets(core);
      },
      {
        response: { 200: Type.Array(Target) },
        detail: {
          operationId: "targets_list",
          summary: "All targets",
          tags: ["target"],
          responses: refusals({ 403: "you lack the privilege admin.target.read" }),
        },
      },
    )
    .post(
      "/0/admin/target",
      ({ request, body }) => {
        const principal = requireAdmin(core, request, "target.create");
        const id = once({ core, request, principal, asked: body }, () => createTarget(core, body.name, body.desc));
        return status(201, { id });
      },
      {
        parse: parseJson,
        body: TargetCreate,
        response: { 201: TargetCreateResult },
        detail: {
          operationId: "target_create",
          summary: "Make a target",
          tags: ["target"],
          responses: refusals({ 403: "you lack the privilege admin.target.create", 409: "there is a target of that name" }),
        },
      },
    )
    .put(
      "/0/admin/targets/:target/redirect",
      ({ request, params, body }) => {
        requireAdmin(core, request, "target.write");
        redirectTarget(core, params.target, body.redirect ?? null);
        return status(204, undefined);
      },
      {
        parse: parseJson,
        params: TargetParams,
        body: TargetRedirect,
        response: { 204: Type.Void() },
        detail: {
          operationId: "target_redirect",
          summary: "Send a target's jobs to another one",
          tags: ["target"],
          responses: refusals({
            403: "you lack the privilege admin.target.write",
            404: "there is no such target",
            409: "it would lead back to itself",
          }),
        },
      },
    )
    .post(
      "/0/admin/targets/:target/rename",
      ({ request, params, body }) => {
        const principal = requireAdmin(core, request, "target.write");
        const id = once({ core, request, principal, asked: body }, () =>
          renameTarget(core, params.target, body.new_name, body.signpost_description),
        );
        return status(201, { id });
      },
      {
        parse: parseJson,
        params: TargetParams,
        body: TargetRename,
        response: { 201: TargetCreateResult },
        detail: {
          operationId: "target_rename",
          summary: "Rename a target, leaving a signpost under the old name",
          tags: ["target"],
          responses: refusals({
            403: "you lack the privilege admin.target.write",
            404: "there is no such target",
            409: "there is a target of that name",
          }),
        },
      },
    )
    .put(
      "/0/admin/targets/:target/require/:privilege",
      ({ request, params }) => {
        requireAdmin(core, request, "target.write");
        restrictTarget(core, params.target, params.privilege);
        return status(204, undefined);
      },
      {
        params: Type.Object({ ...TargetParams.properties, privilege: Privilege }),
        response: { 204: Type.Void() },
        detail: {
          operationId: "target_require_privilege",
          summary: "Let only holders of a privilege submit to a target",
          tags: ["target"],
          responses: refusals({ 403: "you lack the privilege admin.target.write", 404: "there is no such target" }),
        },
      },
    )
    .delete(
      "/0/admin/targets/:target/require",
      ({ request, params }) => {
        requireAdmin(core, request, "target.write");
        restrictTarget(core, params.target, null);
        return status(204, undefined);
      },
      {
        params: TargetParams,
        response: { 204: Type.Void() },
        detail: {
          operationId: "target_require_no_privilege",
          summary: "Let everybody submit to a target",
          tags: ["target"],
          responses: refusals({ 403: "you lack the privilege admin.target.write", 404: "there is no such target" }),
        },
      },
    );
