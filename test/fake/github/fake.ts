import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newPrivateKey } from "./credentials.ts";
import type { Faults } from "./faults.ts";
import { Hub } from "./hub.ts";
import { FakeServer } from "./server.ts";
import type { App } from "./shape/app.ts";
import type { Permissions } from "./state.ts";
import { Verbs } from "./verbs.ts";
import { Deliveries } from "./webhook/deliveries.ts";
import { faultsOfWebhook } from "./webhook/validate.ts";

/** What Wollongong asks for when it is registered. */
export const PERMISSIONS: Permissions = {
  checks: "write",
  contents: "read",
  metadata: "read",
  pull_requests: "read",
  members: "read",
  merge_queues: "read",
};

export const EVENTS = [
  "check_run",
  "check_suite",
  "create",
  "delete",
  "merge_group",
  "public",
  "pull_request",
  "push",
  "repository",
];

export interface FakeOptions {
  /** Port on 127.0.0.1; a free one when left out. */
  port?: number;
  /** Where webhooks go; they wait until there is one (`deliveries.sendTo`). */
  webhookUrl?: string;
  webhookSecret?: string;
  /** Of the REST API: "" as api.github.com (default), "/api/v3" as GitHub Enterprise. */
  prefix?: "" | "/api/v3";
  app?: { id?: number; slug?: string; permissions?: Permissions; events?: string[] };
  /** PEM; a new one when left out. Making one takes a moment. */
  privateKey?: string;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Milliseconds that every answer of the API takes at least. */
  latency?: number;
}

/** A GitHub of one's own, over real HTTP: state and verbs that change it, real git, signed webhooks, faults on demand. */
export class FakeGitHub extends Verbs implements AsyncDisposable {
  readonly #server: FakeServer;
  readonly #root: string;
  #bell = Promise.withResolvers<void>();

  constructor(hub: Hub, server: FakeServer, root: string) {
    super(hub);
    this.#server = server;
    this.#root = root;
    server.onCall = () => {
      this.#bell.resolve();
      this.#bell = Promise.withResolvers();
    };
  }

  /** Of pages and git, as https://github.com. */
  get url(): string {
    return this.hub.places.web;
  }

  /** Of the REST API, as https://api.github.com. */
  get apiUrl(): string {
    return this.hub.places.api;
  }

  /** What the owner of the App knows. */
  get app(): App {
    return this.hub.app;
  }

  get privateKey(): string {
    return this.hub.privateKey;
  }

  get webhookSecret(): string {
    return this.deliveries.secret;
  }

  get deliveries(): Deliveries {
    return this.hub.deliveries;
  }

  /** Every call to the API and by git, oldest first. */
  get calls() {
    return this.#server.rest.calls;
  }

  /** Calls of one kind, as `callsOf("POST /repos/{owner}/{repo}/check-runs")`; all but git's when left out. */
  callsOf(kind?: string) {
    return this.calls.filter((call) => (kind === undefined ? call.kind !== "git" : call.kind === kind));
  }

  /** What went against GitHub's description, in requests, answers and webhooks. Tests expect it to be empty. */
  get violations(): string[] {
    return this.#server.rest.violations;
  }

  get faults(): Faults {
    return this.#server.faults;
  }

  /** Milliseconds that every answer of the API takes at least. */
  set latency(ms: number) {
    this.#server.latency = ms;
  }

  /** Calls an hour that each installation has. */
  set rateLimit(calls: number) {
    this.hub.limits.limit = calls;
  }

  /** Every installation token given out so far stops to be good. */
  expireTokens(): void {
    for (const token of this.hub.tokens.values()) token.expires = 0;
  }

  /** Resolves when the condition holds; looked at after every call. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.#bell.promise;
  }

  async close(): Promise<void> {
    await this.deliveries.close();
    await this.#server.stop();
    rmSync(this.#root, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

export async function fakeGitHub(options: FakeOptions = {}): Promise<FakeGitHub> {
  const now = options.now ?? Date.now;
  const root = mkdtempSync(join(tmpdir(), "fake-github-"));
  const appId = options.app?.id ?? 4711;
  const violations: string[] = [];
  const deliveries = new Deliveries({
    appId,
    secret: options.webhookSecret ?? "a secret between GitHub and the App",
    now,
    check: (event, payload) => violations.push(...faultsOfWebhook(event, payload).map((text) => `webhook ${text}`)),
  });
  const hub = new Hub({
    root,
    app: newApp(options, appId, now()),
    privateKey: options.privateKey ?? newPrivateKey(),
    now,
    deliveries,
  });
  const server = new FakeServer(new Verbs(hub), violations, { port: options.port ?? 0, prefix: options.prefix ?? "" });
  server.latency = options.latency ?? 0;
  if (options.webhookUrl !== undefined) deliveries.sendTo(options.webhookUrl);
  return new FakeGitHub(hub, server, root);
}

function newApp({ app = {} }: FakeOptions, id: number, createdAt: number): App {
  const slug = app.slug ?? "wollongong";
  const owner = {
    id: 1,
    login: "maker",
    type: "User",
    name: "Maker",
    email: null,
    createdAt,
    members: new Map(),
    token: "ghp_maker",
  } as const;
  const { permissions = PERMISSIONS, events = EVENTS } = app;
  return { id, slug, name: slug, owner: { ...owner }, createdAt, permissions, events };
}
