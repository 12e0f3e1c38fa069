import { type Caller, tokenIn } from "../credentials.ts";
import type { Hub } from "../hub.ts";
import type { Account, Permission, Repository } from "../state.ts";
import { atLeast } from "../state.ts";

/** What GitHub answers when it will not do something: thrown by handlers. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: unknown[] | undefined;

  constructor(status: number, message: string, errors?: unknown[]) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

export const notFound = () => new Refusal(404, "Not Found");
const FORBIDDEN = "Resource not accessible by integration";

/** An answer before it is written: `null` is an empty body. */
export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

export const ok = (body: unknown, status = 200): Answer => ({ status, body });
export const empty = (status = 204): Answer => ({ status, body: null });

/** One request to the REST API. */
export class Call {
  readonly hub: Hub;
  readonly caller: Caller;
  readonly request: Request;
  readonly params: Record<string, string>;
  readonly query: URLSearchParams;
  readonly body: unknown;

  constructor(fields: Pick<Call, "hub" | "caller" | "request" | "params" | "query" | "body">) {
    this.hub = fields.hub;
    this.caller = fields.caller;
    this.request = fields.request;
    this.params = fields.params;
    this.query = fields.query;
    this.body = fields.body;
  }

  param(name: string): string {
    return this.params[name] ?? "";
  }

  /** Whoever acts, for the `sender` of webhooks. */
  get actor(): Account {
    return this.caller.kind === "user" ? this.caller.account : this.hub.bot;
  }

  /**
   * The repository in the path, if the caller may do this with it.
   *
   * @param permission that an App needs, as `["checks", "write"]`; a user needs as much of the repository
   * @throws Refusal 404 for what the caller may not know of, 403 for what they may not do
   */
  repository(permission: string, level: "read" | "write"): Repository {
    const repository = this.hub.state.repository(this.param("owner"), this.param("repo"));
    if (!repository) throw notFound();
    const isPublic = repository.visibility === "public";
    const { caller } = this;
    if (caller.kind === "installation") {
      const sees = repository.owner === caller.installation.account && this.#tokenSees(repository);
      if (!sees && !(isPublic && level === "read")) throw isPublic ? new Refusal(403, FORBIDDEN) : notFound();
      if (sees) this.need(permission, level);
      return repository;
    }
    if (caller.kind === "app") throw new Refusal(403, FORBIDDEN);
    const has: Permission =
      caller.kind === "user" ? this.hub.state.permissionOf(repository, caller.account) : isPublic ? "read" : "none";
    if (has === "none") throw notFound();
    if (level === "write" && !atLeast(has, permission === "administration" ? "admin" : "write")) throw notFound();
    return repository;
  }

  #tokenSees(repository: Repository): boolean {
    if (this.caller.kind !== "installation") return false;
    const { installation, token } = this.caller;
    if (token.repositories && !token.repositories.has(repository.id)) return false;
    return this.hub.state.repositoriesOf(installation).includes(repository);
  }

  /** @throws Refusal 403 when an App has not this permission */
  need(permission: string, level: "read" | "write"): void {
    if (this.caller.kind !== "installation") return;
    const has = this.caller.token.permissions[permission];
    if (has !== level && has !== "write") throw new Refusal(403, FORBIDDEN);
  }

  /**
   * One page of a list, with the addresses of the others as `Link`.
   *
   * @param wrap puts the entries into what GitHub answers; the entries alone when left out
   */
  page<T>(entries: T[], wrap: (entries: T[], total: number) => unknown = (some) => some, most = 100): Answer {
    const number = (name: string, fallback: number) => Math.max(1, Number.parseInt(this.query.get(name) ?? "", 10) || fallback);
    const size = Math.min(number("per_page", 30), most);
    const page = number("page", 1);
    const last = Math.max(1, Math.ceil(entries.length / size));
    const shown = entries.slice((page - 1) * size, page * size);
    const link = this.#links(page, last);
    return { ...ok(wrap(shown, entries.length)), ...(link ? { headers: { link } } : {}) };
  }

  #links(page: number, last: number): string {
    const { pathname, searchParams } = new URL(this.request.url);
    const to = (number: number, rel: string) => {
      const query = new URLSearchParams(searchParams);
      query.set("page", String(number));
      return `<${this.hub.places.web}${pathname}?${query}>; rel="${rel}"`;
    };
    const back = page > 1 ? [to(Math.min(page - 1, last), "prev"), to(1, "first")] : [];
    const on = page < last ? [to(page + 1, "next"), to(last, "last")] : [];
    return [...back, ...on].join(", ");
  }
}

/** Who calls, by the token. @throws Refusal 401 when it is not good (any more) */
export function callerOf(hub: Hub, request: Request, faultOfJwt: (jwt: string) => string | undefined): Caller {
  const header = request.headers.get("authorization");
  if (header === null) return { kind: "anonymous" };
  const token = tokenIn(header) ?? "";
  if (token.split(".").length === 3) {
    const fault = faultOfJwt(token);
    if (fault) throw new Refusal(401, fault);
    return { kind: "app" };
  }
  const caller = callerWith(hub, token);
  if (!caller) throw new Refusal(401, "Bad credentials");
  if (caller.kind === "installation" && caller.installation.suspended) {
    throw new Refusal(403, "This installation has been suspended");
  }
  return caller;
}

/** Whose token this is, for the API and for git. */
export function callerWith(hub: Hub, token: string): Caller | undefined {
  const known = hub.tokens.get(token);
  const installation = known && hub.state.installations.get(known.installation);
  if (known && installation) return known.expires > hub.now() ? { kind: "installation", installation, token: known } : undefined;
  for (const account of hub.state.accounts.values()) if (account.token === token) return { kind: "user", account };
  return undefined;
}
