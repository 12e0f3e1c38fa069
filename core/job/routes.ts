import { Type } from "@sinclair/typebox";
import { type AnyElysia, Elysia, status } from "elysia";
import { Group } from "../common/sqlite/group.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { parseJson } from "../http/body.ts";
import { once } from "../http/idempotency.ts";
import { bytesBody, refusals, WaitQuery } from "../http/schema.ts";
import { requireUser } from "../user/auth.ts";
import { requireJob } from "./access.ts";
import { withLog } from "./archive/recall.ts";
import { cancelJob } from "./cancel.ts";
import { requireInputName } from "./check.ts";
import { requireWaiting } from "./depend.ts";
import { describeJob } from "./describe.ts";
import { downloadOutput, listOutputs } from "./download.ts";
import { listJobs } from "./list.ts";
import { describeQuota } from "./quota.ts";
import { Quota } from "./quota-schema.ts";
import {
  ChunkQuery,
  Job,
  JobAddInput,
  JobAddInputResult,
  JobEvent,
  JobListEntryResultsPage,
  JobListQuery,
  JobOutput,
  JobParams,
  JobStoreValue,
  JobStoreValueInfo,
  JobSubmit,
  JobSubmitResult,
  MinseqQuery,
  OutputParams,
  StoreParams,
  UploadedChunk,
} from "./schema.ts";
import { listStore, putStore } from "./store.ts";
import { submitJob } from "./submit.ts";
import { commitFile, takeChunk } from "./upload.ts";
import { waitingFor } from "./waiting.ts";
import { watchJob } from "./watch.ts";

const EVENTS = 1000;
const stream = (type: string) => ({ default: { description: "", content: { [type]: { schema: {} } } } });

/** Why a call may be refused that names a job. */
const OF_A_JOB = { 403: "the job is not yours", 404: "there is no such job" };

/** What users do with their jobs. */
export const jobRoutes = (core: Core): AnyElysia => {
  const submits = new Group((work) => change(core, work));
  return new Elysia({ name: "job" })
    .get("/0/quota", () => describeQuota(core), {
      response: { 200: Quota },
      detail: { operationId: "quota", summary: "How much of everything a user and a job may have", tags: ["job"], security: [] },
    })
    .post(
      "/0/jobs",
      async ({ request, body }) => {
        const { id: owner } = requireUser(core, request);
        const call = { core, request, principal: owner, asked: body };
        return status(201, { id: await submits.run(() => once(call, () => submitJob(core, owner, body))) });
      },
      {
        parse: parseJson,
        body: JobSubmit,
        response: { 201: JobSubmitResult },
        detail: {
          operationId: "job_submit",
          summary: "Hand a job in",
          tags: ["job"],
          responses: refusals({
            403: "the target needs a privilege that you lack",
            409: "a dependency is no job of yours",
            429: "you have too many jobs that have not ended",
          }),
        },
      },
    )
    .get("/1/jobs", ({ request, query }) => listJobs(core, requireUser(core, request).id, query), {
      query: JobListQuery,
      response: { 200: JobListEntryResultsPage },
      detail: {
        operationId: "jobs_list",
        summary: "A page of the user's own jobs",
        tags: ["job"],
        responses: refusals({ 409: "too many tags in the filter" }),
      },
    })
    .get(
      "/0/job/:job",
      async ({ request, params }) => {
        const { job } = requireJob(core, request, params.job, "read");
        // The answer that is asked for most, as a finished one: its type is checked when it is compiled, and once in a test.
        return Response.json({ ...(await describeJob(core, job)), waiting_for: waitingFor(core, job) });
      },
      {
        params: JobParams,
        response: { 200: Job },
        detail: {
          operationId: "job_get",
          summary: "One job",
          tags: ["job"],
          responses: refusals(OF_A_JOB),
        },
      },
    )
    .get(
      "/0/jobs/:job/events",
      ({ request, params, query }) => {
        const { job } = requireJob(core, request, params.job, "read");
        // As a finished answer: to check each event of a page again would take longer than to read it.
        return withLog(core, job, () => Response.json(core.logs.read(job.id, query.minseq ?? 0, EVENTS)));
      },
      {
        params: JobParams,
        query: MinseqQuery,
        response: { 200: Type.Array(JobEvent) },
        detail: {
          operationId: "job_events_get",
          summary: "A page of the job's log",
          tags: ["job"],
          responses: refusals(OF_A_JOB),
        },
      },
    )
    .get(
      "/0/jobs/:job/watch",
      ({ request, params, query }) => {
        requireJob(core, request, params.job, "read");
        return watchJob(core, request, params.job, query.minseq);
      },
      {
        params: JobParams,
        query: MinseqQuery,
        detail: {
          operationId: "job_watch",
          summary: "The log and the state as they come, as server-sent events",
          tags: ["job"],
          responses: {
            ...stream("text/event-stream"),
            ...refusals(OF_A_JOB),
          },
        },
      },
    )
    .get(
      "/0/jobs/:job/outputs",
      ({ request, params }) => {
        requireJob(core, request, params.job, "read");
        return listOutputs(core, params.job);
      },
      {
        params: JobParams,
        response: { 200: Type.Array(JobOutput) },
        detail: {
          operationId: "job_outputs_get",
          summary: "The artefacts of a job",
          tags: ["job"],
          responses: refusals(OF_A_JOB),
        },
      },
    )
    .get(
      "/0/jobs/:job/outputs/:output",
      ({ request, params }) => {
        requireJob(core, request, params.job, "read");
        return downloadOutput(core, request, params.job, params.output);
      },
      {
        params: OutputParams,
        detail: {
          operationId: "job_output_download",
          summary: "An artefact's bytes",
          tags: ["job"],
          responses: {
            ...stream("*/*"),
            ...refusals({
              403: "the job is not yours",
              404: "there is no such job or output, or its bytes are kept no more",
              416: "the range is not in the file",
            }),
          },
        },
      },
    )
    .post(
      "/0/jobs/:job/chunk",
      async ({ request, params, query }) => {
        requireJob(core, request, params.job, "write");
        requireWaiting(core, params.job);
        const id = await takeChunk(core, request, params.job, query);
        // It may have taken its time.
        requireWaiting(core, params.job);
        return status(201, { id });
      },
      {
        parse: "none",
        params: JobParams,
        query: ChunkQuery,
        response: { 201: UploadedChunk },
        detail: {
          operationId: "job_upload_chunk",
          summary: "A piece of an input, alone or at its place in the file",
          tags: ["job"],
          requestBody: bytesBody,
          responses: refusals({ ...OF_A_JOB, 409: "the job does not wait for inputs, or the commit takes no more" }),
        },
      },
    )
    .post(
      "/1/jobs/:job/input",
      ({ request, params, query, body, set }) => {
        requireJob(core, request, params.job, "write");
        requireInputName(body.name);
        const headers = set.headers as Record<string, string>;
        return commitFile(core, { request, headers, job: params.job, kind: "input", name: body.name, body, query });
      },
      {
        parse: parseJson,
        params: JobParams,
        query: Type.Object(WaitQuery),
        body: JobAddInput,
        response: { 200: JobAddInputResult },
        detail: {
          operationId: "job_add_input",
          summary: "Make an input of uploaded pieces; call again until it is complete",
          tags: ["job"],
          responses: refusals({ ...OF_A_JOB, 409: "the job does not wait for this input" }),
        },
      },
    )
    .post(
      "/0/jobs/:job/cancel",
      ({ request, params }) => {
        const { caller } = requireJob(core, request, params.job, "write");
        cancelJob(core, params.job, caller.name);
        return status(204, undefined);
      },
      {
        params: JobParams,
        response: { 204: Type.Void() },
        detail: {
          operationId: "job_cancel",
          summary: "End a job that has not ended",
          tags: ["job"],
          responses: refusals({ ...OF_A_JOB, 409: "the job has ended" }),
        },
      },
    )
    .get(
      "/0/jobs/:job/store",
      ({ request, params }) => {
        requireJob(core, request, params.job, "read");
        return listStore(core, params.job);
      },
      {
        params: JobParams,
        response: { 200: Type.Record(Type.String(), JobStoreValueInfo) },
        detail: {
          operationId: "job_store_get_all",
          summary: "The job's store, without the values of secrets",
          tags: ["job"],
          responses: refusals(OF_A_JOB),
        },
      },
    )
    .put(
      "/0/jobs/:job/store/:name",
      ({ request, params, body }) => {
        requireJob(core, request, params.job, "write");
        putStore(core, params.job, params.name, body.value, body.secret, "user");
        return status(204, undefined);
      },
      {
        parse: parseJson,
        params: StoreParams,
        body: JobStoreValue,
        response: { 204: Type.Void() },
        detail: {
          operationId: "job_store_put",
          summary: "Set a value of the job's store",
          tags: ["job"],
          responses: refusals({ ...OF_A_JOB, 409: "the job has ended, or its store is full" }),
        },
      },
    );
};
