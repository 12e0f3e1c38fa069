import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/core";
import { Webhooks } from "@octokit/webhooks";
import { newPrivateKey } from "./credentials.ts";
import { type FakeGitHub, fakeGitHub } from "./fake.ts";
import { gitEnvironment } from "./git.ts";
import type { Installation } from "./state.ts";

export const privateKey = newPrivateKey();
export const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** In the words of octokit's calls. */
export const site = { owner: "acme", repo: "site" };

/** What the App heard, and whether its signature was right. */
export interface Heard {
  event: string;
  action: string | undefined;
  good: boolean;
  payload: Record<string, unknown>;
}

/** A fake GitHub with an organisation, its people ann (admin) and ben, one repository, and the App installed. */
export class Site implements AsyncDisposable {
  readonly github: FakeGitHub;
  /** Since the repository was there. */
  heard: Heard[] = [];
  /** What the App answers to webhooks. */
  webhookStatus = 200;
  /** Head of the repository's branch `main`. */
  main = "";
  readonly installation: Installation;
  readonly #listener: Bun.Server<undefined>;

  constructor(github: FakeGitHub) {
    this.github = github;
    this.#listener = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => this.#hear(request) });
    github.createOrganization("acme", { ann: "admin", ben: "member" });
    this.installation = github.installApp("acme");
  }

  async start(): Promise<void> {
    const files = { "README.md": "# Site\n", "jobs/build.sh": { content: "#!/bin/bash\n", exec: true } };
    await this.github.createRepository("acme/site", { files });
    this.main = await this.github.head("acme/site");
    this.github.deliveries.sendTo(this.webhookUrl);
    await this.github.deliveries.idle();
    this.heard = [];
  }

  get webhookUrl(): string {
    return this.#listener.url.href;
  }

  /** Event and action of each webhook since the start. */
  async told(): Promise<string[]> {
    await this.github.deliveries.idle();
    return this.heard.map(({ event, action }) => (action === undefined ? event : `${event} ${action}`));
  }

  /** As the App itself, or as an installation, by octokit. */
  app(installationId?: number): Octokit {
    const auth = { appId: this.github.app.id, privateKey, ...(installationId === undefined ? {} : { installationId }) };
    return new Octokit({ baseUrl: this.github.apiUrl, authStrategy: createAppAuth, auth, log: silent });
  }

  asInstallation(): Octokit {
    return this.app(this.installation.id);
  }

  /** With a token and nothing more: octokit's App asks again for seconds when a new token is refused. */
  async withToken(): Promise<Octokit> {
    return new Octokit({ baseUrl: this.github.apiUrl, auth: await this.token(), log: silent });
  }

  async token(): Promise<string> {
    const wanted = { installation_id: this.installation.id };
    return (await this.app().request("POST /app/installations/{installation_id}/access_tokens", wanted)).data.token;
  }

  async #hear(request: Request): Promise<Response> {
    const body = await request.text();
    const signature = request.headers.get("x-hub-signature-256") ?? "";
    const good = await new Webhooks({ secret: this.github.webhookSecret }).verify(body, signature);
    const payload = JSON.parse(body) as Heard["payload"] & { action?: string };
    this.heard.push({ event: request.headers.get("x-github-event") ?? "", action: payload.action, good, payload });
    return new Response("null", { status: this.webhookStatus });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.github.close();
    await this.#listener.stop(true);
  }
}

export async function aSite(): Promise<Site> {
  const it = new Site(await fakeGitHub({ privateKey }));
  await it.start();
  return it;
}

/** The status that a call is refused with; 0 when it is not. */
export const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 0,
    (error: { status?: number }) => error.status ?? -1,
  );

/** git as anyone runs it. */
export async function git(...args: string[]): Promise<{ code: number; out: string }> {
  const child = Bun.spawn(["git", ...args], { env: gitEnvironment, stdout: "pipe", stderr: "pipe" });
  const [out, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, out: (out + errors).trim() };
}
