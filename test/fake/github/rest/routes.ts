import * as app from "./app.ts";
import type { Answer, Call } from "./call.ts";
import * as check from "./check.ts";
import { getContents } from "./contents.ts";
import * as repository from "./repository.ts";

type Handler = (call: Call) => Answer | Promise<Answer>;

const R = "/repos/{owner}/{repo}";

/** Every call that is served, by the names in GitHub's description. */
const ROUTES: Record<string, Handler> = {
  "GET /app": app.getApp,
  "GET /app/installations": app.listInstallations,
  "GET /app/installations/{installation_id}": app.getInstallation,
  "POST /app/installations/{installation_id}/access_tokens": app.createToken,
  "POST /app-manifests/{code}/conversions": app.convertManifest,
  "GET /app/hook/deliveries": app.listDeliveries,
  "GET /app/hook/deliveries/{delivery_id}": app.getDelivery,
  "POST /app/hook/deliveries/{delivery_id}/attempts": app.redeliver,
  "GET /installation/repositories": app.listRepositories,
  "GET /orgs/{org}/members/{username}": app.checkMember,
  "GET /orgs/{org}/public_members/{username}": app.checkPublicMember,
  "GET /rate_limit": app.rateLimit,
  "GET /users/{username}": repository.getUser,
  [`GET ${R}`]: repository.getRepository,
  [`GET ${R}/branches/{branch}`]: repository.getBranch,
  [`GET ${R}/commits`]: repository.listCommits,
  [`GET ${R}/commits/{ref}`]: repository.getCommit,
  [`GET ${R}/commits/{ref}/check-suites`]: check.listSuites,
  [`GET ${R}/commits/{ref}/check-runs`]: check.listRunsOfCommit,
  [`GET ${R}/contents/{path}`]: getContents,
  [`GET ${R}/compare/{basehead}`]: repository.compare,
  [`POST ${R}/check-suites`]: check.createSuite,
  [`GET ${R}/check-suites/{check_suite_id}`]: check.getSuite,
  [`GET ${R}/check-suites/{check_suite_id}/check-runs`]: check.listRunsOfSuite,
  [`POST ${R}/check-suites/{check_suite_id}/rerequest`]: check.rerequestSuiteRoute,
  [`POST ${R}/check-runs`]: check.createRunRoute,
  [`GET ${R}/check-runs/{check_run_id}`]: check.getRun,
  [`PATCH ${R}/check-runs/{check_run_id}`]: check.updateRunRoute,
  [`POST ${R}/check-runs/{check_run_id}/rerequest`]: check.rerequestRunRoute,
  [`GET ${R}/check-runs/{check_run_id}/annotations`]: check.listAnnotations,
  [`GET ${R}/pulls/{pull_number}`]: repository.getPull,
  [`GET ${R}/pulls/{pull_number}/files`]: repository.listPullFiles,
  [`GET ${R}/collaborators/{username}/permission`]: app.permissionLevel,
};

export const routeNames = Object.keys(ROUTES);

export interface Route {
  /** As in the description: `/repos/{owner}/{repo}`. */
  path: string;
  params: Record<string, string>;
  handler: Handler;
}

/** These may hold slashes. */
const LONG = /^\{(path|basehead|branch|ref)\}$/;

/** Longer paths first: `commits/{ref}` would take all that begins like it. */
const byLength = Object.entries(ROUTES).sort(([left], [right]) => right.length - left.length);

const table = byLength.map(([name, handler]) => {
  const [method = "", path = ""] = name.split(" ");
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, param = ""]) => param);
  const pattern = path.replace(/\{\w+\}/g, (param) => (LONG.test(param) ? "(.+?)" : "([^/]+)"));
  return { method, path, names, handler, regexp: new RegExp(`^${pattern}$`) };
});

/** @param path percent-encoded, without the prefix of the API */
export function routeFor(method: string, path: string): Route | undefined {
  // The contents of the root have no path at all.
  const asked = path.replace(/\/contents\/?$/, "/contents/%2F");
  for (const { method: of, path: template, names, handler, regexp } of table) {
    const match = of === method ? regexp.exec(asked) : null;
    if (!match) continue;
    const params = Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? "")]));
    return { path: template, params, handler };
  }
  return undefined;
}
