import { Type } from "@sinclair/typebox";
import { type AnyElysia, Elysia, status } from "elysia";
import { readBody } from "../common/read-body.ts";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { MAX_BODY, parseJson } from "../http/body.ts";
import { longPoll } from "../http/longpoll.ts";
import { AppendResult, FirstQuery, jsonBody, refusals, WaitQuery } from "../http/schema.ts";
import { isLogFull } from "../job/append.ts";
import { requireWorker } from "./auth.ts";
import { bootstrapWorker } from "./bootstrap.ts";
import { completeDiagnostics, enableDiagnostics } from "./diagnostics.ts";
import { failWorker } from "./fail.ts";
import { noteNotice } from "./interrupt.ts";
import { heardOf, whatsNext, whilePresent } from "./ping.ts";
import {
  LONGEST_REASON,
  WorkerAppend,
  WorkerBootstrap,
  WorkerBootstrapResult,
  WorkerCompleteDiagnostics,
  WorkerFail,
  WorkerInterrupted,
  WorkerPingResult,
} from "./schema.ts";

/** What an agent says of itself and asks. */
export const workerRoutes = (core: Core): AnyElysia =>
  new Elysia({ name: "worker" })
    .post("/0/worker/bootstrap", ({ body }) => status(201, { id: bootstrapWorker(core, body.bootstrap, body.token) }), {
      parse: parseJson,
      body: WorkerBootstrap,
      response: { 201: WorkerBootstrapResult },
      detail: {
        operationId: "worker_bootstrap",
        summary: "Exchange the single-use key for a token of the agent's choice",
        tags: ["worker"],
        responses: refusals({ 401: "the key is unknown or was used, or the factory has not yet named the machine" }),
        security: [],
      },
    })
    .get(
      "/0/worker/ping",
      async ({ request, query, set }) => {
        const { id } = requireWorker(core, request);
        heardOf(core, id, query.wait !== undefined);
        if (query.wait === undefined) return whatsNext(core, id);
        return await whilePresent(
          core,
          id,
          longPoll({
            core,
            request,
            headers: set.headers as Record<string, string>,
            wait: query.wait,
            seen: query.seen,
            topic: `worker ${id}`,
            answer: () => whatsNext(core, id),
          }),
        );
      },
      {
        query: Type.Object(WaitQuery),
        response: { 200: WorkerPingResult },
        detail: { operationId: "worker_ping", summary: "Tell that the agent is there; learn what to do", tags: ["worker"] },
      },
    )
    .post(
      "/0/worker/fail",
      ({ request, body }) => {
        const reason = body.reason?.slice(0, LONGEST_REASON) ?? "its agent reported a failure";
        failWorker(core, requireWorker(core, request).id, reason);
        return status(204, undefined);
      },
      {
        parse: parseJson,
        body: WorkerFail,
        response: { 204: Type.Void() },
        detail: {
          operationId: "worker_fail",
          summary: "Give the worker up; its job fails",
          tags: ["worker"],
          responses: refusals({ 401: "no worker has this token, or its machine is gone" }),
        },
      },
    )
    .post(
      "/0/worker/interrupted",
      ({ request, body }) => {
        noteNotice(core, requireWorker(core, request).id, body.by, body.time);
        return status(204, undefined);
      },
      {
        parse: parseJson,
        body: WorkerInterrupted,
        response: { 204: Type.Void() },
        detail: {
          operationId: "worker_interrupted",
          summary: "Tell that the machine will be taken back, and when",
          tags: ["worker"],
          responses: refusals({
            401: "no worker has this token, or its machine is gone",
            409: "the machine is of a kind that is not taken back",
          }),
        },
      },
    )
    .post(
      "/0/worker/append",
      async ({ request, query }) => {
        const { id } = requireWorker(core, request);
        if (isLogFull(core, id)) throw new Refused(413, `the log of worker ${id} is too large: nothing more is added to it`);
        const { next } = core.logs.appendBody(id, { source: id, first: query.first }, await readBody(request, MAX_BODY));
        return query.first === undefined ? status(204, undefined) : { next };
      },
      {
        parse: "none",
        query: Type.Object(FirstQuery),
        response: { 200: AppendResult, 204: Type.Void() },
        detail: {
          operationId: "worker_append",
          summary: "Add events to the worker's own log",
          tags: ["worker"],
          requestBody: jsonBody(Type.Array(WorkerAppend)),
          responses: refusals({ 413: "the log or the body is too large" }),
        },
      },
    )
    .post(
      "/0/worker/diagnostics/enable",
      ({ request }) => {
        enableDiagnostics(core, requireWorker(core, request).id);
        return status(204, undefined);
      },
      {
        response: { 204: Type.Void() },
        detail: {
          operationId: "worker_diagnostics_enable",
          summary: "Promise diagnostics after the job",
          tags: ["worker"],
          responses: refusals({ 409: "the machine is gone" }),
        },
      },
    )
    .post(
      "/0/worker/diagnostics/complete",
      ({ request, body }) => {
        completeDiagnostics(core, requireWorker(core, request).id, body.hold);
        return status(204, undefined);
      },
      {
        parse: parseJson,
        body: WorkerCompleteDiagnostics,
        response: { 204: Type.Void() },
        detail: {
          operationId: "worker_diagnostics_complete",
          summary: "Diagnostics are done; hold the machine if they found something",
          tags: ["worker"],
          responses: refusals({ 409: "the machine is gone" }),
        },
      },
    );
