import { Type } from "@sinclair/typebox";
import { type AnyElysia, Elysia, status } from "elysia";
import type { Core } from "../../core.ts";
import { refusals } from "../../http/schema.ts";
import { requireAdmin } from "../../user/auth.ts";
import { JobParams } from "../schema.ts";
import { askArchive, askPurge } from "./state.ts";

/** What operators do with jobs that have ended. */
export const archiveRoutes = (core: Core): AnyElysia =>
  new Elysia({ name: "archive" })
    .post(
      "/0/admin/jobs/:job/archive",
      ({ request, params }) => {
        requireAdmin(core, request, "job.archive");
        askArchive(core, params.job);
        return status(204, undefined);
      },
      {
        params: JobParams,
        response: { 204: Type.Void() },
        detail: {
          operationId: "admin_job_archive_request",
          summary: "Bring a job to the object store, soon",
          tags: ["job"],
          responses: refusals({
            400: "the job has not ended",
            403: "you lack the privilege admin.job.archive",
            404: "there is no such job",
          }),
        },
      },
    )
    .post(
      "/0/admin/jobs/:job/purge",
      ({ request, params }) => {
        requireAdmin(core, request, "job.purge");
        askPurge(core, params.job);
        return status(204, undefined);
      },
      {
        params: JobParams,
        response: { 204: Type.Void() },
        detail: {
          operationId: "admin_job_purge_request",
          summary: "Remove the local copies of an archived job, soon",
          tags: ["job"],
          responses: refusals({
            400: "the job is not archived",
            403: "you lack the privilege admin.job.purge",
            404: "there is no such job",
          }),
        },
      },
    );
