import { Type } from "@sinclair/typebox";
import { type AnyElysia, Elysia, status } from "elysia";
import type { Core } from "../core.ts";
import { parseJson } from "../http/body.ts";
import { requireUser } from "../user/auth.ts";
import { requireJob } from "./access.ts";
import { describeAll } from "./describe.ts";
import { listJobs } from "./list.ts";
import { Job, JobAddInputAtOnce, JobParams } from "./schema.ts";
import { commitAtOnce } from "./upload.ts";

/** What the original's first command lines call; it serves this still, but does not publish it. */
export const unpublishedJobRoutes = (core: Core): AnyElysia =>
  new Elysia({ name: "job-unpublished" })
    .get("/0/jobs", async ({ request }) => await describeAll(core, newestJobs(core, requireUser(core, request).id)), {
      response: { 200: Type.Array(Job) },
    })
    .post(
      "/0/jobs/:job/input",
      async ({ request, params, body: { name, size, chunks } }) => {
        requireJob(core, request, params.job, "write");
        await commitAtOnce(core, { job: params.job, kind: "input", name, size, chunks });
        return status(204, undefined);
      },
      { parse: parseJson, params: JobParams, body: JobAddInputAtOnce, response: { 204: Type.Void() } },
    );

/** Oldest first, as in the original, but no more than a page of them. */
const newestJobs = (core: Core, owner: string): string[] =>
  listJobs(core, owner, { recent_first: true })
    .items.map(({ id }) => id)
    .reverse();
