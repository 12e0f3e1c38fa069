import { Type } from "@sinclair/typebox";
import { type AnyElysia, Elysia } from "elysia";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { refusals, WholeNumber } from "../http/schema.ts";
import { requireAdmin } from "../user/auth.ts";
import { describeAll, describeJob } from "./describe.ts";
import { listJobs } from "./list.ts";
import { jobsIn, lastEnded } from "./queue.ts";
import { Job, JobListEntryResultsPage, JobListQuery, JobParams } from "./schema.ts";
import { getJob } from "./state.ts";
import { waitingFor, withWaits } from "./waiting.ts";

/** What operators see of everybody's jobs. */
export const jobAdminRoutes = (core: Core): AnyElysia =>
  new Elysia({ name: "job-admin" })
    .get(
      "/0/admin/jobs",
      async ({ request, query }) => {
        requireAdmin(core, request, "job.read");
        if (query.active) return withWaits(core, await describeAll(core, activeJobs(core)));
        if (query.completed === undefined) throw new Refused(400, "expected ?active=true or ?completed=N", { code: "EINVAL" });
        return await describeAll(core, lastEnded(core, query.completed));
      },
      {
        query: Type.Object({ active: Type.Optional(Type.Boolean()), completed: Type.Optional(WholeNumber({ minimum: 0 })) }),
        response: { 200: Type.Array(Job) },
        detail: {
          operationId: "admin_jobs_get",
          summary: "All active jobs, or the last that have ended",
          tags: ["job"],
          responses: refusals({ 403: "you lack the privilege admin.job.read" }),
        },
      },
    )
    .get(
      "/1/admin/jobs",
      ({ request, query }) => {
        requireAdmin(core, request, "job.read");
        return listJobs(core, undefined, query);
      },
      {
        query: JobListQuery,
        response: { 200: JobListEntryResultsPage },
        detail: {
          operationId: "admin_jobs_list",
          summary: "A page of everybody's jobs",
          tags: ["job"],
          responses: refusals({ 403: "you lack the privilege admin.job.read", 409: "too many tags in the filter" }),
        },
      },
    )
    .get(
      "/0/admin/jobs/:job",
      async ({ request, params }) => {
        requireAdmin(core, request, "job.read");
        const job = getJob(core, params.job);
        return { ...(await describeJob(core, job)), waiting_for: waitingFor(core, job) };
      },
      {
        params: JobParams,
        response: { 200: Job },
        detail: {
          operationId: "admin_job_get",
          summary: "One job of anybody",
          tags: ["job"],
          responses: refusals({ 403: "you lack the privilege admin.job.read", 404: "there is no such job" }),
        },
      },
    );

/** Those that can run first, as the original has it. */
const activeJobs = (core: Core): string[] => [
  ...[...jobsIn(core, "queued"), ...jobsIn(core, "running")].map((job) => job.id).sort(),
  ...jobsIn(core, "waiting").map((job) => job.id),
];
