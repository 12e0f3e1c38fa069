import { Type } from "@sinclair/typebox";
import { type AnyElysia, Elysia, status } from "elysia";
import type { Core } from "../core.ts";
import { parseJson } from "../http/body.ts";
import { refusals, WholeNumber } from "../http/schema.ts";
import { requireAdmin } from "../user/auth.ts";
import { allWorkers, describeWorker, listWorkers } from "./describe.ts";
import { holdWorker, releaseWorker } from "./hold.ts";
import { recycleAll, recycleByOperator } from "./recycle.ts";
import {
  Worker,
  WorkerEvent,
  WorkerHoldMark,
  WorkerListQuery,
  WorkerParams,
  WorkerResultsPage,
  WorkersResult,
} from "./schema.ts";
import { getWorker } from "./state.ts";

const EVENTS = 1000;

/** What operators see of workers and do with them. */
export const workerAdminRoutes = (core: Core): AnyElysia =>
  new Elysia({ name: "worker-admin" })
    .get(
      "/0/workers",
      ({ request, query }) => {
        requireAdmin(core, request, "worker.read");
        return { workers: allWorkers(core, query.active ?? false) };
      },
      {
        query: Type.Object({ active: Type.Optional(Type.Boolean()) }),
        response: { 200: WorkersResult },
        detail: {
          operationId: "workers_list_old",
          summary: "All workers in one answer; use /1/workers",
          tags: ["worker"],
          responses: refusals({ 403: "you lack the privilege admin.worker.read" }),
        },
      },
    )
    .get(
      "/1/workers",
      ({ request, query }) => {
        requireAdmin(core, request, "worker.read");
        return listWorkers(core, query);
      },
      {
        query: WorkerListQuery,
        response: { 200: WorkerResultsPage },
        detail: {
          operationId: "workers_list",
          summary: "A page of workers, oldest first",
          tags: ["worker"],
          responses: refusals({ 403: "you lack the privilege admin.worker.read" }),
        },
      },
    )
    .post(
      "/0/workers/recycle",
      ({ request }) => {
        requireAdmin(core, request, "control");
        recycleAll(core);
        return status(204, undefined);
      },
      {
        response: { 204: Type.Void() },
        detail: {
          operationId: "workers_recycle",
          summary: "Have every machine destroyed",
          tags: ["worker"],
          responses: refusals({ 403: "you lack the privilege admin.control" }),
        },
      },
    )
    .get(
      "/0/admin/worker/:worker",
      ({ request, params }) => {
        requireAdmin(core, request, "worker.read");
        return describeWorker(core, params.worker);
      },
      {
        params: WorkerParams,
        response: { 200: Worker },
        detail: {
          operationId: "worker",
          summary: "One worker",
          tags: ["worker"],
          responses: refusals({ 403: "you lack the privilege admin.worker.read", 404: "there is no such worker" }),
        },
      },
    )
    .get(
      "/0/admin/worker/:worker/events",
      ({ request, params, query }) => {
        requireAdmin(core, request, "worker.read");
        const { id } = getWorker(core, params.worker);
        return core.logs.read(id, query.minseq ?? 0, EVENTS).map(({ task: _, ...event }) => event);
      },
      {
        params: WorkerParams,
        query: Type.Object({ minseq: Type.Optional(WholeNumber({ minimum: 0 })) }),
        response: { 200: Type.Array(WorkerEvent) },
        detail: {
          operationId: "worker_events_get",
          summary: "A page of the worker's own log",
          tags: ["worker"],
          responses: refusals({ 403: "you lack the privilege admin.worker.read", 404: "there is no such worker" }),
        },
      },
    )
    .post(
      "/0/admin/worker/:worker/recycle",
      ({ request, params }) => {
        requireAdmin(core, request, "control");
        recycleByOperator(core, params.worker);
        return status(204, undefined);
      },
      {
        params: WorkerParams,
        response: { 204: Type.Void() },
        detail: {
          operationId: "worker_recycle",
          summary: "Have a machine destroyed",
          tags: ["worker"],
          responses: refusals({ 403: "you lack the privilege admin.control", 404: "there is no such worker" }),
        },
      },
    )
    .post(
      "/0/admin/worker/:worker/hold",
      ({ request, params, body }) => {
        requireAdmin(core, request, "control");
        holdWorker(core, params.worker, body.reason);
        return status(204, undefined);
      },
      {
        parse: parseJson,
        params: WorkerParams,
        body: WorkerHoldMark,
        response: { 204: Type.Void() },
        detail: {
          operationId: "worker_hold_mark",
          summary: "Keep a machine for a look",
          tags: ["worker"],
          responses: refusals({
            403: "you lack the privilege admin.control",
            404: "there is no such worker",
            409: "it is held already, or its machine is gone",
          }),
        },
      },
    )
    .post(
      "/0/admin/worker/:worker/release",
      ({ request, params }) => {
        requireAdmin(core, request, "control");
        releaseWorker(core, params.worker, "an operator released it");
        return status(204, undefined);
      },
      {
        params: WorkerParams,
        response: { 204: Type.Void() },
        detail: {
          operationId: "worker_hold_release",
          summary: "End the hold of a machine",
          tags: ["worker"],
          responses: refusals({ 403: "you lack the privilege admin.control", 404: "there is no such worker" }),
        },
      },
    );
