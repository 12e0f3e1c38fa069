import { join } from "node:path";
import type { InstallationToken } from "./credentials.ts";
import { Limits } from "./limits.ts";
import { accountShape, organizationShape } from "./shape/account.ts";
import type { App } from "./shape/app.ts";
import { nodeId, type Places } from "./shape/places.ts";
import { repositoryShape } from "./shape/repository.ts";
import { type Account, type CheckRun, type CheckSuite, type Installation, type Repository, State } from "./state.ts";
import type { Deliveries } from "./webhook/deliveries.ts";

/** What of an App's permissions an event needs. Events about the installation itself always come. */
const NEEDS: Record<string, string> = {
  push: "contents",
  create: "contents",
  delete: "contents",
  check_suite: "checks",
  check_run: "checks",
  pull_request: "pull_requests",
  merge_group: "merge_queues",
  repository: "metadata",
  public: "metadata",
};

export interface HubOptions {
  /** Folder for the repositories. */
  root: string;
  app: App;
  privateKey: string;
  now: () => number;
  deliveries: Deliveries;
}

/** What every part of the fake works on. */
export class Hub {
  readonly state = new State();
  readonly root: string;
  readonly app: App;
  privateKey: string;
  readonly now: () => number;
  readonly deliveries: Deliveries;
  readonly limits: Limits;
  /** By the code that a set-up is given: makes the App that it asked for. */
  readonly manifests = new Map<string, () => void>();
  /** The person who makes Apps. */
  readonly maker: Account;
  readonly tokens = new Map<string, InstallationToken>();
  places: Places = { api: "", web: "" };
  readonly #turns = new Map<number, Promise<unknown>>();

  constructor(options: HubOptions) {
    this.root = options.root;
    this.app = options.app;
    this.privateKey = options.privateKey;
    this.now = options.now;
    this.limits = new Limits(options.now);
    this.deliveries = options.deliveries;
    this.maker = options.app.owner;
    this.state.accounts.set(this.maker.id, this.maker);
  }

  /** The account in whose name the App acts. */
  get bot(): Account {
    const login = `${this.app.slug}[bot]`;
    const known = this.state.account(login);
    if (known) return known;
    return this.newAccount(login, "Bot");
  }

  /** Of ours there is more to tell than of others. */
  appOf({ appId }: CheckSuite): App {
    return appId === this.app.id ? this.app : { ...this.app, id: appId, slug: "another", name: "Another" };
  }

  newAccount(login: string, type: Account["type"]): Account {
    const id = this.state.id();
    const account: Account = {
      id,
      login,
      type,
      name: login,
      email: `${login}@example.com`,
      createdAt: this.now(),
      members: new Map(),
      token: `ghp_${crypto.randomUUID().replaceAll("-", "")}`,
    };
    this.state.accounts.set(id, account);
    return account;
  }

  pathOf(repository: Repository): string {
    return join(this.root, repository.dir);
  }

  /** Changes of one repository's branches come one after another, so that what a push changed is told rightly. */
  async inTurn<T>(repository: Repository, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(repository.id) ?? Promise.resolve();
    const mine = before.then(work);
    this.#turns.set(
      repository.id,
      mine.catch(() => undefined),
    );
    return await mine;
  }

  /** Tells the App of something in a repository that it is installed on and wants to hear of. */
  tell(event: string, repository: Repository, sender: Account, payload: object): void {
    const installation = this.state.installationFor(repository);
    if (!installation || installation.suspended || !installation.events.includes(event)) return;
    const permission = NEEDS[event];
    if (permission && !installation.permissions[permission]) return;
    this.deliveries.add(event, installation.id, {
      ...payload,
      repository: {
        ...repositoryShape(this.places, repository),
        ...("repository" in payload ? (payload.repository as object) : {}),
      },
      ...(repository.owner.type === "Organization" ? { organization: organizationShape(this.places, repository.owner) } : {}),
      installation: { id: installation.id, node_id: nodeId("Installation", installation.id) },
      sender: accountShape(this.places, sender),
    });
  }

  /** Tells the App of its installation. */
  tellInstallation(event: string, installation: Installation, sender: Account, payload: object): void {
    this.deliveries.add(event, installation.id, { ...payload, sender: accountShape(this.places, sender) });
  }

  pullsOf(run: CheckRun) {
    return this.state.pullsWith(run.suite.repository, run.suite.headSha);
  }
}
