import { statusOf, suffering } from "./failure.ts";
import { Faults } from "./faults.ts";
import { gitPath, serveGit } from "./git-server.ts";
import { ownerOfNewApp, proposeApp } from "./page/manifest.ts";
import { servePage } from "./page/pages.ts";
import { RestServer } from "./rest/server.ts";
import type { Verbs } from "./verbs.ts";

/** First words of the API's paths: no account is called so. */
const API = /^\/(app|apps|app-manifests|installation|orgs|rate_limit|repos|repositories|users)(\/|$)/;

/** One address for all: the REST API, git, and pages for people. */
export class FakeServer {
  readonly rest: RestServer;
  readonly faults = new Faults();
  /** Milliseconds that an answer of the API takes at least. */
  latency = 0;
  /** Told after each call to the API or by git. */
  onCall: () => void = () => {};
  readonly #verbs: Verbs;
  readonly #prefix: string;
  readonly #server: Bun.Server<undefined>;

  constructor(verbs: Verbs, violations: string[], { port, prefix }: { port: number; prefix: string }) {
    this.#verbs = verbs;
    this.#prefix = prefix;
    this.rest = new RestServer(verbs.hub, violations);
    this.#server = Bun.serve({ port, hostname: "127.0.0.1", idleTimeout: 255, fetch: (request) => this.#serve(request) });
    const web = `http://127.0.0.1:${this.#server.port}`;
    verbs.hub.places = { web, api: web + prefix };
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }

  async #serve(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const git = gitPath(pathname);
    if (git) return await this.#git(request, pathname, git);
    const path = pathname.startsWith(`${this.#prefix}/`) ? pathname.slice(this.#prefix.length) : "";
    if (this.#prefix !== "" ? path !== "" : API.test(path)) return await this.#api(request, path);
    const owner = request.method === "POST" ? ownerOfNewApp(this.#verbs.hub, pathname) : undefined;
    if (owner) return await proposeApp(this.#verbs.hub, request, owner);
    return await servePage(this.#verbs, request, pathname);
  }

  async #api(request: Request, path: string): Promise<Response> {
    const fault = this.faults.take(`${request.method} ${path}`);
    const [response] = await Promise.all([
      this.rest.serve(request, path, fault),
      this.latency > 0 ? Bun.sleep(this.latency) : undefined,
    ]);
    this.onCall();
    return response;
  }

  async #git(request: Request, path: string, git: NonNullable<ReturnType<typeof gitPath>>): Promise<Response> {
    const fault = this.faults.take(`git ${path}`);
    const { hub } = this.#verbs;
    const response = await suffering(fault, hub.now, () => serveGit(hub, request, git));
    const { method } = request;
    this.rest.calls.push({ method, path, kind: "git", caller: "anonymous", body: undefined, status: statusOf(response) });
    this.onCall();
    return response;
  }
}
