import { type Caller, faultOfAppToken } from "../credentials.ts";
import { DOCS, limited, statusOf, suffering } from "../failure.ts";
import type { Fault } from "../faults.ts";
import type { Hub } from "../hub.ts";
import { rateHeaders } from "../limits.ts";
import { Description } from "../validate.ts";
import { type Answer, Call, callerOf, Refusal } from "./call.ts";
import { type Route, routeFor } from "./routes.ts";

/** One call, as tests count them. */
export interface LoggedCall {
  method: string;
  /** With its query, without the prefix of the API. */
  path: string;
  /** As in GitHub's description, "GET /repos/{owner}/{repo}"; "git" for git's own. */
  kind: string;
  caller: Caller["kind"];
  body: unknown;
  /** 0: no answer, as the connection was cut. */
  status: number;
}

/** The REST API over HTTP: who calls, faults, limits, and every word held against GitHub's description. */
export class RestServer {
  readonly calls: LoggedCall[] = [];
  /** What was wrong with requests and answers, by GitHub's description. */
  readonly violations: string[];
  readonly #hub: Hub;
  readonly #description = new Description();

  constructor(hub: Hub, violations: string[]) {
    this.#hub = hub;
    this.violations = violations;
  }

  /** @param path without the prefix of the API, percent-encoded */
  async serve(request: Request, path: string, fault: Fault | undefined): Promise<Response> {
    const { search } = new URL(request.url);
    const route = routeFor(request.method, this.#byName(path));
    const text = request.method === "GET" ? "" : await request.text();
    const logged: LoggedCall = {
      method: request.method,
      path: path + search,
      kind: `${request.method} ${route?.path ?? path}`,
      caller: "anonymous",
      body: parsed(text),
      status: 0,
    };
    this.calls.push(logged);
    const response = await suffering(fault, this.#hub.now, () => this.#answer(request, path, route, logged));
    logged.status = statusOf(response);
    return response;
  }

  /** GitHub knows repositories by their id too, and sends on who asks for an old name. */
  #byName(path: string): string {
    const [, id, rest = ""] = /^\/repositories\/(\d+)(\/.*)?$/.exec(path) ?? [];
    const repository = this.#hub.state.repositories.get(Number(id));
    return repository ? `/repos/${repository.owner.login}/${repository.name}${rest}` : path;
  }

  async #answer(request: Request, path: string, route: Route | undefined, logged: LoggedCall): Promise<Response> {
    const { headers, url } = request;
    let caller: Caller = { kind: "anonymous" };
    let answer: Answer;
    try {
      if (!headers.get("user-agent"))
        throw new Refusal(
          403,
          "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
        );
      caller = callerOf(this.#hub, request, (jwt) => this.#faultOfJwt(jwt));
      logged.caller = caller.kind;
      if (!this.#hub.limits.take(caller))
        return limited("primary", this.#hub.limits.of(caller).reset - this.#hub.now() / 1000, this.#hub.now());
      const away = this.#movedTo(path);
      if (away)
        answer = {
          status: 301,
          body: { message: "Moved Permanently", url: away, documentation_url: DOCS },
          headers: { location: away },
        };
      else
        answer = await this.#handle(
          new Call({
            hub: this.#hub,
            caller,
            request,
            params: route?.params ?? {},
            query: new URL(url).searchParams,
            body: logged.body,
          }),
          route,
          logged,
        );
    } catch (error) {
      answer = refused(error);
    }
    return this.#write(request, caller, this.#judged(route, logged, answer));
  }

  #faultOfJwt(jwt: string): string | undefined {
    const { privateKey, app, now } = this.#hub;
    return faultOfAppToken(jwt, privateKey, app.id, Math.floor(now() / 1000));
  }

  #movedTo(path: string): string | undefined {
    const [, owner = "", name = "", rest = ""] = /^\/repos\/([^/]+)\/([^/]+)(.*)$/.exec(path) ?? [];
    const id = this.#hub.state.moved.get(`${owner}/${name}`.toLowerCase());
    return id === undefined || this.#hub.state.repository(owner, name)
      ? undefined
      : `${this.#hub.places.api}/repositories/${id}${rest}`;
  }

  async #handle(call: Call, route: Route | undefined, { method, kind }: LoggedCall): Promise<Answer> {
    if (!route) {
      this.violations.push(`${kind}: is not served here`);
      throw new Refusal(404, "Not Found");
    }
    if (call.body instanceof SyntaxError) throw new Refusal(400, "Problems parsing JSON");
    const wrong = this.#description.request(method, route.path, call.query, call.body);
    if (wrong.length > 0) {
      this.violations.push(...wrong.map((text) => `${kind}: ${text}`));
      throw new Refusal(422, `Invalid request.\n\n${wrong.join("\n")}`);
    }
    return await route.handler(call);
  }

  #judged(route: Route | undefined, { method, kind }: LoggedCall, answer: Answer): Answer {
    if (!route || answer.headers?.["content-type"]) return answer;
    // As it will be read: without what JSON leaves out.
    const body = JSON.parse(JSON.stringify(answer.body)) as unknown;
    const wrong = this.#description.answer(method, route.path, answer.status, body);
    if (wrong.length === 0) return answer;
    this.violations.push(...wrong.map((text) => `${kind} -> ${text}`));
    return { status: 500, body: { message: `The fake answers as GitHub would not: ${wrong.join("; ")}` } };
  }

  #write(request: Request, caller: Caller, { status, body, headers = {} }: Answer): Response {
    const all = new Headers({
      "x-github-request-id": crypto.randomUUID(),
      "x-github-media-type": "github.v3; format=json",
      ...rateHeaders(this.#hub.limits.of(caller)),
      ...headers,
    });
    if (body === null) return new Response(null, { status, headers: all });
    const written =
      body instanceof Uint8Array ? new Uint8Array(body) : headers["content-type"] ? String(body) : JSON.stringify(body);
    if (!all.has("content-type")) all.set("content-type", "application/json; charset=utf-8");
    if (request.method === "GET" && status === 200) {
      const etag = `W/"${Bun.hash(written).toString(16)}"`;
      all.set("etag", etag);
      if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers: all });
    }
    return new Response(written, { status, headers: all });
  }
}

function parsed(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    return error;
  }
}

function refused(error: unknown): Answer {
  if (!(error instanceof Refusal)) return { status: 500, body: { message: `The fake itself has failed: ${String(error)}` } };
  const { status, message, errors } = error;
  return { status, body: { message, ...(errors ? { errors } : {}), documentation_url: DOCS, status: String(status) } };
}
