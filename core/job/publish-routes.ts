import { Type } from "@sinclair/typebox";
import { type AnyElysia, Elysia, status } from "elysia";
import type { Core } from "../core.ts";
import { parseJson } from "../http/body.ts";
import { refusals, WholeNumber } from "../http/schema.ts";
import { requireJob } from "./access.ts";
import { sendFile } from "./archive/recall.ts";
import { outputFile } from "./download.ts";
import { publishedFile, publishOutput, requireSignature, signOutput } from "./publish.ts";
import { JobOutputPublish, JobOutputSignedUrl, JobOutputSignedUrlResult, OutputParams } from "./schema.ts";

const PublicParams = Type.Object({ username: Type.String({ example: "alice" }), ...JobOutputPublish.properties });
const anything = { default: { description: "", content: { "*/*": { schema: {} } } } };

/** Outputs for those who have no token: published for ever, or by a URL that expires. */
export const publishRoutes = (core: Core): AnyElysia =>
  new Elysia({ name: "publish" })
    .post(
      "/0/jobs/:job/outputs/:output/publish",
      ({ request, params, body }) => {
        requireJob(core, request, params.job, "write");
        publishOutput(core, params.job, params.output, body);
        return status(204, undefined);
      },
      {
        parse: parseJson,
        params: OutputParams,
        body: JobOutputPublish,
        response: { 204: Type.Void() },
        detail: {
          operationId: "job_output_publish",
          summary: "Give an artefact a public name, for ever",
          tags: ["job"],
          responses: refusals({
            403: "the job is not yours",
            404: "there is no such job or output",
            409: "the job has not ended, or the name is taken",
          }),
        },
      },
    )
    .post(
      "/0/jobs/:job/outputs/:output/sign",
      ({ request, params, body }) => {
        requireJob(core, request, params.job, "read");
        const base = core.config.general.baseurl ?? new URL(request.url).origin;
        return signOutput(core, params.job, params.output, body, base.replace(/\/$/, ""));
      },
      {
        parse: parseJson,
        params: OutputParams,
        body: JobOutputSignedUrl,
        response: { 200: JobOutputSignedUrlResult },
        detail: {
          operationId: "job_output_signed_url",
          summary: "A URL to an artefact that works without a token for a while",
          tags: ["job"],
          responses: refusals({ 403: "the job is not yours", 404: "there is no such job or output" }),
        },
      },
    )
    .get(
      "/0/signed/:job/:output",
      async ({ request, params, query }) => {
        const { job, output } = params;
        const { expires, type, disposition, signature } = query;
        requireSignature(core, { job, output, expires, type, disposition }, signature);
        const response = await sendFile(core, request, outputFile(core, job, output));
        if (type !== undefined) response.headers.set("content-type", type);
        if (disposition !== undefined) response.headers.set("content-disposition", disposition);
        return response;
      },
      {
        params: OutputParams,
        query: Type.Object({
          expires: WholeNumber({ minimum: 0 }),
          signature: Type.String(),
          type: Type.Optional(Type.String()),
          disposition: Type.Optional(Type.String()),
        }),
        detail: {
          operationId: "signed_download",
          summary: "An artefact by a signed URL",
          tags: ["public"],
          responses: {
            ...anything,
            ...refusals({
              403: "the URL has expired, or was not signed here",
              404: "the file is kept no more",
              416: "the range is not in the file",
            }),
          },
          security: [],
        },
      },
    )
    .get(
      "/0/public/file/:username/:series/:version/:name",
      ({ request, params }) => sendFile(core, request, publishedFile(core, params.username, params)),
      {
        params: PublicParams,
        detail: {
          operationId: "public_file_download",
          summary: "A published file",
          tags: ["public"],
          responses: {
            ...anything,
            ...refusals({ 404: "nothing is published under that name", 416: "the range is not in the file" }),
          },
          security: [],
        },
      },
    )
    .head(
      "/0/public/file/:username/:series/:version/:name",
      ({ request, params }) => sendFile(core, request, publishedFile(core, params.username, params)),
      {
        params: PublicParams,
        detail: {
          operationId: "public_file_head",
          summary: "Size and hash of a published file",
          tags: ["public"],
          responses: { ...anything, ...refusals({ 404: "nothing is published under that name" }) },
          security: [],
        },
      },
    );
