import { Type } from "@sinclair/typebox";
import { type AnyElysia, Elysia, status } from "elysia";
import { newToken } from "../common/world.ts";
import type { Core } from "../core.ts";
import { hashToken } from "../http/bearer.ts";
import { parseJson } from "../http/body.ts";
import { once, tokenFor } from "../http/idempotency.ts";
import { refusals } from "../http/schema.ts";
import { requireAdmin } from "../user/auth.ts";
import { allFactories, createFactory, describeFactory, setFactoryToken } from "./factory.ts";
import { setHold } from "./hold.ts";
import { disableFactory, drainFactory, enableFactory } from "./mode.ts";
import { Factory, FactoryCreate, FactoryCreateResult, FactoryEnable, FactoryParams } from "./schema.ts";

/** Why a call may be refused that writes a factory. */
const OF_A_FACTORY = { 403: "you lack the privilege admin.factory.write", 404: "there is no such factory" };

/** What operators do with factories. */
export const factoryAdminRoutes = (core: Core): AnyElysia =>
  new Elysia({ name: "factory-admin" })
    .get(
      "/0/admin/factories",
      ({ request }) => {
        requireAdmin(core, request, "factory.read");
        return allFactories(core).map((row) => describeFactory(core, row));
      },
      {
        response: { 200: Type.Array(Factory) },
        detail: {
          operationId: "factories_list",
          summary: "All factories",
          tags: ["factory"],
          responses: refusals({ 403: "you lack the privilege admin.factory.read" }),
        },
      },
    )
    .post(
      "/0/admin/factory",
      ({ request, body }) => {
        const principal = requireAdmin(core, request, "factory.create");
        const token = tokenFor({ core, request, principal }, 64) ?? newToken(core.world, 64);
        const id = once({ core, request, principal, asked: body }, () => createFactory(core, body.name, hashToken(token)));
        return status(201, { id, name: body.name, token });
      },
      {
        parse: parseJson,
        body: FactoryCreate,
        response: { 201: FactoryCreateResult },
        detail: {
          operationId: "factory_create",
          summary: "Make a factory; the token is shown this once",
          tags: ["factory"],
          responses: refusals({ 403: "you lack the privilege admin.factory.create", 409: "there is a factory of that name" }),
        },
      },
    )
    .post(
      "/0/admin/factory/:factory/enable",
      ({ request, params, body }) => {
        requireAdmin(core, request, "factory.write");
        enableFactory(core, params.factory, body.hold_workers ?? false);
        return status(204, undefined);
      },
      {
        parse: parseJson,
        params: FactoryParams,
        body: FactoryEnable,
        response: { 204: Type.Void() },
        detail: {
          operationId: "factory_enable",
          summary: "Let a factory take leases; ends a drain",
          tags: ["factory"],
          responses: refusals(OF_A_FACTORY),
        },
      },
    )
    .post(
      "/0/admin/factory/:factory/disable",
      ({ request, params }) => {
        requireAdmin(core, request, "factory.write");
        disableFactory(core, params.factory);
        return status(204, undefined);
      },
      {
        params: FactoryParams,
        response: { 204: Type.Void() },
        detail: {
          operationId: "factory_disable",
          summary: "Give a factory no more leases",
          tags: ["factory"],
          responses: refusals(OF_A_FACTORY),
        },
      },
    )
    .post(
      "/0/admin/factory/:factory/drain",
      ({ request, params }) => {
        requireAdmin(core, request, "factory.write");
        drainFactory(core, params.factory);
        return status(204, undefined);
      },
      {
        params: FactoryParams,
        response: { 204: Type.Void() },
        detail: {
          operationId: "factory_drain",
          summary: "Give a factory nothing new to do: its jobs end, its machines go",
          tags: ["factory"],
          responses: refusals(OF_A_FACTORY),
        },
      },
    )
    .post(
      "/0/admin/factory/:factory/token",
      ({ request, params }) => {
        const principal = requireAdmin(core, request, "factory.write");
        const token = tokenFor({ core, request, principal }, 64) ?? newToken(core.world, 64);
        const work = () => setFactoryToken(core, params.factory, hashToken(token));
        return status(201, { ...once({ core, request, principal, asked: null }, work), token });
      },
      {
        params: FactoryParams,
        response: { 201: FactoryCreateResult },
        detail: {
          operationId: "factory_token_rotate",
          summary: "A new token, shown this once; the one before ends",
          tags: ["factory"],
          responses: refusals(OF_A_FACTORY),
        },
      },
    )
    .post(
      "/0/control/hold",
      ({ request }) => {
        requireAdmin(core, request, "control");
        setHold(core, true);
        return status(204, undefined);
      },
      {
        response: { 204: Type.Void() },
        detail: {
          operationId: "control_hold",
          summary: "Give no factory any lease",
          tags: ["control"],
          responses: refusals({ 403: "you lack the privilege admin.control" }),
        },
      },
    )
    .post(
      "/0/control/resume",
      ({ request }) => {
        requireAdmin(core, request, "control");
        setHold(core, false);
        return status(204, undefined);
      },
      {
        response: { 204: Type.Void() },
        detail: {
          operationId: "control_resume",
          summary: "End the hold of all leases",
          tags: ["control"],
          responses: refusals({ 403: "you lack the privilege admin.control" }),
        },
      },
    );
