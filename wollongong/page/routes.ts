import { Type } from "@sinclair/typebox";
import { type AnyElysia, Elysia } from "elysia";
import { Refused } from "../../core/common/refused.ts";
import { installOf } from "../account/installs.ts";
import { isPublic, repositoryNamed } from "../account/repositories.ts";
import { GitHubRepository } from "../github/repository.ts";
import { userOf } from "../open.ts";
import type { Wollongong } from "../wollongong.ts";
import { proxied, signedUrl, typeOf } from "./artefact.ts";
import { bunyanPage } from "./bunyan.tsx";
import { detailsPage } from "./details.tsx";
import { homePage } from "./home.tsx";
import { liveStream } from "./live.ts";
import { load, SuiteParams } from "./load.ts";
import { staticFile } from "./static.ts";
import { StatusPage } from "./status.tsx";

const DETAILS = "/details/:suite/:key/:run";
const Details = Type.Object({
  ts: Type.Optional(Type.String()),
  from: Type.Optional(Type.Number({ minimum: 1, maximum: 2 ** 32 - 1, multipleOf: 1 })),
  log: Type.Optional(Type.String()),
});
const Artefact = Type.Object({
  ...SuiteParams.properties,
  output: Type.String({ pattern: "^[0-9A-Z]{26}$" }),
  name: Type.String(),
});
const Published = Type.Object(
  Object.fromEntries(
    ["owner", "repo", "series", "version", "name"].map((part) => [part, Type.String({ pattern: "^[0-9A-Za-z._-]{1,100}$" })]),
  ),
);
const Branch = Type.Object({ owner: Type.String(), repo: Type.String(), branch: Type.String() });

/** A structured log is shown as a table up to this size. */
const BUNYAN_LIMIT = 100 * 1024 * 1024;

const NOT_HERE = new Refused(404, "There is nothing at this address.");

/** What people and their browsers read. */
export const pageRoutes = (wo: Wollongong): AnyElysia => {
  const status = new StatusPage(wo);
  return new Elysia({ name: "pages" })
    .get(
      DETAILS,
      ({ params, query: { ts, from = 1, log } }) =>
        detailsPage(wo, load(wo, params), { local: ts === "all", from }, log !== "none"),
      { params: SuiteParams, query: Details },
    )
    .get(
      `${DETAILS}/live`,
      ({ params, query, request }) => {
        const loaded = load(wo, params);
        if (loaded.run.variety !== "basic") throw NOT_HERE;
        return liveStream(wo, request, loaded, query.minseq ?? 1);
      },
      { params: SuiteParams, query: Type.Object({ minseq: Type.Optional(Type.Number({ minimum: 0, multipleOf: 1 })) }) },
    )
    .get("/artefact/:suite/:key/:run/:output/:name", ({ params, query, request }) => artefact(wo, request, params, query), {
      params: Artefact,
      query: Type.Object({ format: Type.Optional(Type.String()), level: Type.Optional(Type.Number()) }),
    })
    .head("/artefact/:suite/:key/:run/:output/:name", ({ params, request }) => artefact(wo, request, params, {}), {
      params: Artefact,
    })
    .get("/public/file/:owner/:repo/:series/:version/:name", ({ params, request }) => published(wo, request, params), {
      params: Published,
    })
    .head("/public/file/:owner/:repo/:series/:version/:name", ({ params, request }) => published(wo, request, params), {
      params: Published,
    })
    .get("/public/branch/:owner/:repo/:branch", ({ params }) => branch(wo, params.owner, params.repo, params.branch), {
      params: Branch,
    })
    .get("/status", () => status.render())
    .get("/", homePage)
    .get("/static/:name", ({ params }) => staticFile(params.name));
};

interface Named {
  suite: string;
  key: string;
  run: string;
  output: string;
  name: string;
}

async function artefact(
  wo: Wollongong,
  request: Request,
  params: Named,
  { format, level }: { format?: string; level?: number },
): Promise<Response> {
  const { run, suite } = load(wo, params);
  if (run.job === null) throw NOT_HERE;
  const { url, size } = await signedUrl(wo, suite.repo, run.job, params.output);
  const type = typeOf(params.name);
  if (format === undefined) return await proxied(wo, request, url, type);
  if (format !== "x-bunyan" || !type.startsWith("text/plain"))
    throw new Refused(400, `This file cannot be shown as "${format}".`);
  if (size > BUNYAN_LIMIT) throw new Refused(413, "This file is too large to be shown as a table.");
  const whole = await wo.world.fetch(url, { signal: request.signal });
  if (!whole.ok || whole.body === null) throw NOT_HERE;
  return bunyanPage(params.name, whole.body, level ?? 10);
}

/** Published files are for everyone, those of private repositories too: their job files say so. */
async function published(wo: Wollongong, request: Request, params: Record<string, string>): Promise<Response> {
  const { owner = "", repo = "", series = "", version = "", name = "" } = params;
  const repository = repositoryNamed(wo, owner, repo);
  if (!repository) throw NOT_HERE;
  const path = [userOf(repository.id), series, version, name].map(encodeURIComponent).join("/");
  return await proxied(wo, request, `${wo.config.buildomat.url.replace(/\/$/, "")}/0/public/file/${path}`, typeOf(name));
}

/** The commit at the head of a branch, as text. Of a public repository alone. */
async function branch(wo: Wollongong, owner: string, repo: string, name: string): Promise<Response> {
  const repository = repositoryNamed(wo, owner, repo);
  const install = installOf(wo, owner);
  if (!isPublic(repository) || !install) throw NOT_HERE;
  const sha = await new GitHubRepository(wo.github.as(install.id), owner, repo).branch(name);
  if (sha === undefined) throw NOT_HERE;
  return new Response(`${sha}\n`, { headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" } });
}
