import { Type } from "@sinclair/typebox";
import { type AnyElysia, Elysia, status } from "elysia";
import { readBody } from "../common/read-body.ts";
import type { Core } from "../core.ts";
import { MAX_BODY, parseJson } from "../http/body.ts";
import { AppendResult, bytesBody, FirstQuery, jsonBody, refusals, WaitQuery, WholeNumber } from "../http/schema.ts";
import { requireWorkerOfJob } from "../worker/auth.ts";
import {
  WorkerAppendJob,
  WorkerAppendJobOrTask,
  WorkerCompleteJob,
  WorkerCompleteTask,
  WorkerJobStoreGet,
  WorkerJobStoreValue,
} from "../worker/schema.ts";
import { appendOne, appendToJob } from "./append.ts";
import { completeJob, completeTask, requireTask } from "./complete.ts";
import { downloadInput } from "./download.ts";
import {
  ChunkQuery,
  InputParams,
  JobParams,
  StoreParams,
  UploadedChunk,
  WorkerAddOutput,
  WorkerAddOutputAtOnce,
  WorkerAddOutputResult,
  WorkerJobQuota,
} from "./schema.ts";
import { getActiveJob } from "./state.ts";
import { getStore, putStore } from "./store.ts";
import { commitAtOnce, commitFile, largestFile, takeChunk } from "./upload.ts";

const TaskParams = Type.Object({ ...JobParams.properties, task: WholeNumber({ minimum: 0, maximum: 4_294_967_295 }) });

/** Why a call may be refused that names a worker's job. */
const OF_ITS_JOB = { 403: "the job is not this worker's", 404: "there is no such job", 409: "the worker was given up" };

/** What an agent says and asks of its job. */
export const jobWorkerRoutes = (core: Core): AnyElysia =>
  new Elysia({ name: "job-worker" })
    .post(
      "/1/worker/job/:job/append",
      async ({ request, params, query }) => {
        const body = await readBody(request, MAX_BODY);
        // Only now: a worker may be given up, and its job begun anew elsewhere, while a body is on its way.
        const { worker } = requireWorkerOfJob(core, request, params.job);
        const next = appendToJob(core, params.job, worker, query.first, body);
        return query.first === undefined ? status(204, undefined) : { next };
      },
      {
        parse: "none",
        params: JobParams,
        query: Type.Object(FirstQuery),
        response: { 200: AppendResult, 204: Type.Void() },
        detail: {
          operationId: "worker_job_append",
          summary: "Add events to the job's log",
          tags: ["worker"],
          requestBody: jsonBody(Type.Array(WorkerAppendJobOrTask)),
          responses: refusals({ ...OF_ITS_JOB, 409: "the job has ended, or the worker was given up" }),
        },
      },
    )
    .post(
      "/0/worker/job/:job/append",
      ({ request, params, body }) => {
        const { worker } = requireWorkerOfJob(core, request, params.job);
        appendOne(core, params.job, worker, { ...body, task: null });
        return status(204, undefined);
      },
      { parse: parseJson, params: JobParams, body: WorkerAppendJob, response: { 204: Type.Void() } },
    )
    .post(
      "/0/worker/job/:job/task/:task/append",
      ({ request, params, body }) => {
        const { worker } = requireWorkerOfJob(core, request, params.job);
        requireTask(core, params.job, params.task);
        appendOne(core, params.job, worker, { ...body, task: params.task });
        return status(204, undefined);
      },
      {
        parse: parseJson,
        params: TaskParams,
        body: WorkerAppendJob,
        response: { 204: Type.Void() },
        detail: {
          operationId: "worker_task_append",
          summary: "Add one event of a task; use worker_job_append",
          tags: ["worker"],
          responses: refusals({
            ...OF_ITS_JOB,
            404: "there is no such job or task",
            409: "the job has ended, or the worker was given up",
          }),
        },
      },
    )
    .post(
      "/0/worker/job/:job/task/:task/complete",
      ({ request, params, body }) => {
        requireWorkerOfJob(core, request, params.job);
        completeTask(core, params.job, params.task, body);
        return status(204, undefined);
      },
      {
        parse: parseJson,
        params: TaskParams,
        body: WorkerCompleteTask,
        response: { 204: Type.Void() },
        detail: {
          operationId: "worker_task_complete",
          summary: "The verdict over a task; the first one counts",
          tags: ["worker"],
          responses: refusals({
            403: "the job is not this worker's",
            404: "there is no such job or task",
            409: "the job has ended, or the worker was given up",
          }),
        },
      },
    )
    .post(
      "/0/worker/job/:job/complete",
      ({ request, params, body }) => {
        requireWorkerOfJob(core, request, params.job);
        completeJob(core, params.job, body);
        return status(204, undefined);
      },
      {
        parse: parseJson,
        params: JobParams,
        body: WorkerCompleteJob,
        response: { 204: Type.Void() },
        detail: {
          operationId: "worker_job_complete",
          summary: "The job is over",
          tags: ["worker"],
          responses: refusals({ ...OF_ITS_JOB, 409: "files are still being committed, or the worker was given up" }),
        },
      },
    )
    .post(
      "/0/worker/job/:job/chunk",
      async ({ request, params, query }) => {
        requireWorkerOfJob(core, request, params.job);
        getActiveJob(core, params.job, "no file can be added");
        const id = await takeChunk(core, request, params.job, query);
        // It may have taken its time.
        requireWorkerOfJob(core, request, params.job);
        getActiveJob(core, params.job, "no file can be added");
        return status(201, { id });
      },
      {
        parse: "none",
        params: JobParams,
        query: ChunkQuery,
        response: { 201: UploadedChunk },
        detail: {
          operationId: "worker_job_upload_chunk",
          summary: "A piece of an output, alone or at its place in the file",
          tags: ["worker"],
          requestBody: bytesBody,
          responses: refusals({ ...OF_ITS_JOB, 409: "the job has ended, the commit takes no more, or the worker was given up" }),
        },
      },
    )
    .get(
      "/0/worker/job/:job/quota",
      ({ request, params }) => {
        requireWorkerOfJob(core, request, params.job);
        return { max_bytes_per_output: largestFile(core), max_outputs: core.config.job.max_outputs };
      },
      {
        params: JobParams,
        response: { 200: WorkerJobQuota },
        detail: {
          operationId: "worker_job_quota",
          summary: "How large an output may be, and how many there may be",
          tags: ["worker"],
          responses: refusals(OF_ITS_JOB),
        },
      },
    )
    .post(
      "/1/worker/job/:job/output",
      ({ request, params, query, body, set }) => {
        requireWorkerOfJob(core, request, params.job);
        const headers = set.headers as Record<string, string>;
        return commitFile(core, { request, headers, job: params.job, kind: "output", name: body.path, body, query });
      },
      {
        parse: parseJson,
        params: JobParams,
        query: Type.Object(WaitQuery),
        body: WorkerAddOutput,
        response: { 200: WorkerAddOutputResult },
        detail: {
          operationId: "worker_job_add_output",
          summary: "Make an output of uploaded pieces; call again until it is complete",
          tags: ["worker"],
          responses: refusals({
            ...OF_ITS_JOB,
            409: "the job has ended or has an output of that name, or the worker was given up",
          }),
        },
      },
    )
    .post(
      "/0/worker/job/:job/output",
      async ({ request, params, body: { path: name, size, chunks } }) => {
        requireWorkerOfJob(core, request, params.job);
        await commitAtOnce(core, { job: params.job, kind: "output", name, size, chunks });
        return status(204, undefined);
      },
      { parse: parseJson, params: JobParams, body: WorkerAddOutputAtOnce, response: { 204: Type.Void() } },
    )
    .get(
      "/0/worker/job/:job/inputs/:input",
      ({ request, params }) => {
        requireWorkerOfJob(core, request, params.job);
        return downloadInput(core, request, params.job, params.input);
      },
      {
        params: InputParams,
        detail: {
          operationId: "worker_job_input_download",
          summary: "An input's bytes",
          tags: ["worker"],
          responses: {
            default: { description: "", content: { "*/*": { schema: {} } } },
            ...refusals({ ...OF_ITS_JOB, 404: "there is no such job or input", 416: "the range is not in the file" }),
          },
        },
      },
    )
    .get(
      "/0/worker/job/:job/store/:name",
      ({ request, params }) => {
        requireWorkerOfJob(core, request, params.job);
        return { value: getStore(core, params.job, params.name) };
      },
      {
        params: StoreParams,
        response: { 200: WorkerJobStoreGet },
        detail: {
          operationId: "worker_job_store_get",
          summary: "A value of the job's store, secret or not",
          tags: ["worker"],
          responses: refusals(OF_ITS_JOB),
        },
      },
    )
    .put(
      "/0/worker/job/:job/store/:name",
      ({ request, params, body }) => {
        requireWorkerOfJob(core, request, params.job);
        putStore(core, params.job, params.name, body.value, body.secret, "worker");
        return status(204, undefined);
      },
      {
        parse: parseJson,
        params: StoreParams,
        body: WorkerJobStoreValue,
        response: { 204: Type.Void() },
        detail: {
          operationId: "worker_job_store_put",
          summary: "Set a value of the job's store",
          tags: ["worker"],
          responses: refusals({ ...OF_ITS_JOB, 409: "the job has ended, its store is full, or the worker was given up" }),
        },
      },
    );
