import { Type } from "@sinclair/typebox";
import { type AnyElysia, Elysia, status } from "elysia";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { parseJson } from "../http/body.ts";
import { once } from "../http/idempotency.ts";
import { longPoll } from "../http/longpoll.ts";
import { FirstQuery, refusals, Ulid, WaitQuery } from "../http/schema.ts";
import { giveBackLease, renewLease, takeLease } from "../job/lease.ts";
import { noteMakingFailure } from "../job/making-failure.ts";
import { listTargets } from "../target/target.ts";
import { associateWorker, flushWorker } from "../worker/associate.ts";
import { Provider, WorkerParams } from "../worker/schema.ts";
import { getWorker, isAlive } from "../worker/state.ts";
import { appendConsole } from "./console.ts";
import { factoryHeardOf, noteOffers, requireFactory } from "./factory.ts";
import { mayTakeWork } from "./hold.ts";
import {
  FactoryLeaseFailure,
  FactoryLeaseResult,
  FactoryPingResult,
  FactoryTarget,
  FactoryWhatsNext,
  FactoryWorker,
  FactoryWorkerAppend,
  FactoryWorkerAppendResult,
  FactoryWorkerAssociate,
  FactoryWorkerCreate,
  FactoryWorkerResult,
} from "./schema.ts";
import { createForFactory, destroyWorker, forFactory, ownWorker, ownWorkers } from "./worker.ts";

/** Why a call may be refused that names one of the factory's workers. */
const OF_ITS_WORKER = { 403: "the worker is another factory's", 404: "there is no such worker" };

/** What a factory says and asks. */
export const factoryRoutes = (core: Core): AnyElysia =>
  new Elysia({ name: "factory" })
    .get(
      "/0/factory/ping",
      ({ request }) => {
        const factory = requireFactory(core, request);
        factoryHeardOf(core, factory);
        return { ok: true, ...(factory.draining ? { draining: true } : {}) };
      },
      {
        response: { 200: FactoryPingResult },
        detail: { operationId: "factory_ping", summary: "Tell that the factory is there", tags: ["factory"] },
      },
    )
    .get(
      "/0/factory/targets",
      ({ request }) => {
        requireFactory(core, request);
        return listTargets(core).map(({ id, name }) => ({ id, name }));
      },
      {
        response: { 200: Type.Array(FactoryTarget) },
        detail: { operationId: "factory_targets", summary: "Ids and names of all targets", tags: ["factory"] },
      },
    )
    .post(
      "/0/factory/lease",
      ({ request, body, query, set }) => {
        requireFactory(core, request);
        return longPoll({
          core,
          request,
          headers: set.headers as Record<string, string>,
          ...pollOf(query),
          unseen: { lease: null },
          topic: "lease",
          // One change, as each has its flush to disk.
          answer: () =>
            change(core, () => {
              const factory = requireFactory(core, request);
              factoryHeardOf(core, factory);
              noteOffers(core, factory, body.supported_targets);
              return {
                lease: mayTakeWork(core, factory)
                  ? takeLease(core, factory.id, tiersOf(body), request.headers.get("idempotency-key"))
                  : null,
              };
            }),
        });
      },
      {
        parse: parseJson,
        body: FactoryWhatsNext,
        query: Type.Object(WaitQuery),
        response: { 200: FactoryLeaseResult },
        detail: { operationId: "factory_lease", summary: "Ask for a job to make a machine for", tags: ["factory"] },
      },
    )
    .post(
      "/0/factory/lease/:job",
      ({ request, params }) => bare(renewLease(core, requireFactory(core, request).id, params.job)),
      {
        params: Type.Object({ job: Ulid }),
        response: { 200: Type.Boolean() },
        detail: { operationId: "factory_lease_renew", summary: "Keep a lease; false when it is lost", tags: ["factory"] },
      },
    )
    .delete(
      "/0/factory/lease/:job",
      ({ request, params }) => bare(giveBackLease(core, requireFactory(core, request).id, params.job)),
      {
        params: Type.Object({ job: Ulid }),
        response: { 200: Type.Boolean() },
        detail: {
          operationId: "factory_lease_give_back",
          summary: "Let others have the job; false when it is lost",
          tags: ["factory"],
        },
      },
    )
    .post(
      "/0/factory/lease/:job/failure",
      ({ request, params, body }) => bare(noteMakingFailure(core, requireFactory(core, request).id, params.job, body.reason)),
      {
        parse: parseJson,
        params: Type.Object({ job: Ulid }),
        body: FactoryLeaseFailure,
        response: { 200: Type.Boolean() },
        detail: {
          operationId: "factory_lease_failure",
          summary: "Tell the job's owner why no machine could be made; false when it waits for none of yours",
          tags: ["factory"],
          responses: refusals({ 404: "there is no such job" }),
        },
      },
    )
    .post(
      "/0/factory/worker",
      ({ request, body }) => {
        const factory = requireFactory(core, request);
        const id = once({ core, request, principal: factory.id, asked: body }, () => createForFactory(core, factory, body));
        return status(201, forFactory(getWorker(core, id)));
      },
      {
        parse: parseJson,
        body: FactoryWorkerCreate,
        response: { 201: FactoryWorker },
        detail: {
          operationId: "factory_worker_create",
          summary: "Record a machine that is about to be made",
          tags: ["factory"],
          responses: refusals({
            404: "there is no such target or job",
            409: "the job cannot be given to a worker, another factory has the lease, or this one may take no new work",
          }),
        },
      },
    )
    .get(
      "/0/factory/workers",
      ({ request, query, set }) => {
        const { id } = requireFactory(core, request);
        return longPoll({
          core,
          request,
          headers: set.headers as Record<string, string>,
          ...pollOf(query),
          topic: `factory ${id}`,
          answer: () => ownWorkers(core, id),
        });
      },
      {
        query: Type.Object(WaitQuery),
        response: { 200: Type.Array(FactoryWorker) },
        detail: { operationId: "factory_workers", summary: "The factory's workers whose machine may exist", tags: ["factory"] },
      },
    )
    .get(
      "/0/factory/worker/:worker",
      ({ request, params }) => {
        const factory = requireFactory(core, request);
        const worker = isAlive(core, params.worker) ? ownWorker(core, factory, params.worker) : undefined;
        return { worker: worker ? forFactory(worker) : null };
      },
      {
        params: WorkerParams,
        response: { 200: FactoryWorkerResult },
        detail: {
          operationId: "factory_worker_get",
          summary: "One worker; null when it is unknown or destroyed",
          tags: ["factory"],
          responses: refusals({ 403: "the worker is another factory's" }),
        },
      },
    )
    .patch(
      "/0/factory/worker/:worker",
      ({ request, params, body }) => {
        associateWorker(core, ownWorker(core, requireFactory(core, request), params.worker), body);
        return status(204, undefined);
      },
      {
        parse: parseJson,
        params: WorkerParams,
        body: FactoryWorkerAssociate,
        response: { 204: Type.Void() },
        detail: {
          operationId: "factory_worker_associate",
          summary: "Name the machine, which lets its agent in",
          tags: ["factory"],
          responses: refusals({ ...OF_ITS_WORKER, 409: "it is another machine, has other metadata, or is destroyed" }),
        },
      },
    )
    .post(
      "/0/factory/worker/:worker/append",
      ({ request, params, body, query }) =>
        appendConsole(
          core,
          ownWorker(core, requireFactory(core, request), params.worker),
          query,
          Array.isArray(body) ? body : [body],
        ),
      {
        parse: parseJson,
        params: WorkerParams,
        query: Type.Object({
          ...FirstQuery,
          job: Type.Optional({ ...Ulid, description: "that the machine was made for, while it has none" }),
        }),
        body: Type.Union([FactoryWorkerAppend, Type.Array(FactoryWorkerAppend)]),
        response: { 200: FactoryWorkerAppendResult },
        detail: {
          operationId: "factory_worker_append",
          summary: "Add console lines to the log of the machine's job",
          tags: ["factory"],
          responses: refusals(OF_ITS_WORKER),
        },
      },
    )
    .post(
      "/0/factory/worker/:worker/flush",
      ({ request, params }) => {
        flushWorker(core, ownWorker(core, requireFactory(core, request), params.worker));
        return status(204, undefined);
      },
      {
        params: WorkerParams,
        response: { 204: Type.Void() },
        detail: {
          operationId: "factory_worker_flush",
          summary: "Let the agent have its job",
          tags: ["factory"],
          responses: refusals(OF_ITS_WORKER),
        },
      },
    )
    .delete(
      "/0/factory/worker/:worker",
      ({ request, params, query }) => {
        destroyWorker(core, ownWorker(core, requireFactory(core, request), params.worker), query.interrupted);
        return bare(true);
      },
      {
        params: WorkerParams,
        query: Type.Object({ interrupted: Type.Optional(Provider) }),
        response: { 200: Type.Boolean() },
        detail: {
          operationId: "factory_worker_destroy",
          summary: "Tell that the machine is gone",
          tags: ["factory"],
          responses: refusals(OF_ITS_WORKER),
        },
      },
    );

/** Its targets by priority, the highest first. */
function tiersOf({ supported_targets: targets, priorities = {} }: FactoryWhatsNext): string[][] {
  const tiers = new Map<number, string[]>();
  for (const target of targets) {
    const priority = priorities[target] ?? 0;
    tiers.set(priority, [...(tiers.get(priority) ?? []), target]);
  }
  return [...tiers].sort(([a], [b]) => b - a).map(([, tier]) => tier);
}

const pollOf = ({ wait, seen }: { wait?: number; seen?: string }) => ({ wait, seen });

/** A JSON value that is no object would go out as text. */
const bare = (value: boolean): Response => Response.json(value);
