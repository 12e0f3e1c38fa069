import { pushing } from "./change/push.ts";
import { tokenIn } from "./credentials.ts";
import { gitBackend } from "./git-http.ts";
import type { Hub } from "./hub.ts";
import { callerWith } from "./rest/call.ts";
import { type Account, atLeast, type Repository } from "./state.ts";

const PATH = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack|HEAD|objects\/.*)$/;

/** @returns owner, name and what of the repository git asks for, when it is git that asks */
export function gitPath(path: string): { owner: string; name: string; rest: string } | undefined {
  const [, owner, name, rest] = PATH.exec(path) ?? [];
  return owner && name && rest ? { owner, name, rest } : undefined;
}

/** Clones and pushes, as github.com serves them: what one may not see does not exist. */
export async function serveGit(hub: Hub, request: Request, { owner, name, rest }: NonNullable<ReturnType<typeof gitPath>>) {
  const repository = hub.state.repository(owner, name);
  const moved = hub.state.repositories.get(hub.state.moved.get(`${owner}/${name}`.toLowerCase()) ?? 0);
  const { search, searchParams } = new URL(request.url);
  if (!repository && moved)
    return Response.redirect(`${hub.places.web}/${moved.owner.login}/${moved.name}.git/${rest}${search}`, 301);
  const writes = rest === "git-receive-pack" || searchParams.get("service") === "git-receive-pack";
  const right = rightsOf(hub, request, repository, writes);
  if (right instanceof Response || !repository) return right instanceof Response ? right : text(404, "Repository not found.");
  const path = `/${repository.dir}/${rest}`;
  const serve = () => gitBackend(request, hub.root, path, writes ? right.login : undefined);
  return rest === "git-receive-pack" ? await pushing(hub, repository, right, serve) : await serve();
}

/** @returns who it is, or why not */
function rightsOf(hub: Hub, request: Request, repository: Repository | undefined, writes: boolean): Account | Response {
  const token = tokenIn(request.headers.get("authorization"));
  const isPublic = repository?.visibility === "public";
  if (token === undefined) return isPublic && !writes ? hub.bot : askFor();
  const caller = callerWith(hub, token);
  if (!caller) return askFor();
  if (!repository) return text(404, "Repository not found.");
  const denied = text(403, `Permission to ${repository.owner.login}/${repository.name}.git denied.`);
  if (caller.kind === "user") {
    const has = hub.state.permissionOf(repository, caller.account);
    if (!atLeast(has, "read")) return text(404, "Repository not found.");
    return atLeast(has, writes ? "write" : "read") && !(writes && repository.archived) ? caller.account : denied;
  }
  if (caller.kind !== "installation") return askFor();
  const { installation, token: mine } = caller;
  const sees = hub.state.repositoriesOf(installation).includes(repository) && (mine.repositories?.has(repository.id) ?? true);
  if (!sees || installation.suspended) return isPublic && !writes ? hub.bot : text(404, "Repository not found.");
  const level = mine.permissions["contents"];
  return level === "write" || (level === "read" && !writes) ? hub.bot : denied;
}

const askFor = () =>
  new Response("Invalid username or token. Password authentication is not supported for Git operations.\n", {
    status: 401,
    headers: { "www-authenticate": 'Basic realm="GitHub"' },
  });

const text = (status: number, message: string) =>
  new Response(`${message}\n`, { status, headers: { "content-type": "text/plain" } });
