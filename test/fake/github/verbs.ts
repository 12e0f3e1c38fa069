import { ensureSuite, requestAction, rerequestRun, rerequestSuite, tellSuite } from "./change/check.ts";
import * as installations from "./change/installation.ts";
import * as pulls from "./change/pull.ts";
import { pushing } from "./change/push.ts";
import * as queue from "./change/queue.ts";
import * as repositories from "./change/repository.ts";
import { deleteRef, type FileChange, revision, setRef, writeCommit } from "./git.ts";
import type { Hub } from "./hub.ts";
import type {
  Account,
  CheckRun,
  CheckSuite,
  Installation,
  Permission,
  Permissions,
  PullRequest,
  Repository,
  Visibility,
} from "./state.ts";

/** An account by its login, or itself. */
export type Who = string | Account;
/** A repository as "owner/name", or itself. */
export type Where = string | Repository;

export interface CommitOptions {
  /** Login of whoever pushes it: the owner when left out. */
  by?: Who;
  message?: string;
  /** Of the commit, where git says another than who pushes it. */
  author?: { name: string; email: string };
  /** Sha to build on; the branch, or else the default branch, when left out. */
  parent?: string;
  /** false: the commit is made, but no branch moves. */
  push?: boolean;
}

/** What people do on GitHub. Each verb changes the state and sends the webhooks that GitHub would. */
export class Verbs {
  readonly hub: Hub;

  constructor(hub: Hub) {
    this.hub = hub;
  }

  createUser(login: string): Account {
    return this.hub.state.account(login) ?? this.hub.newAccount(login, "User");
  }

  createOrganization(login: string, members: Record<string, "member" | "admin"> = {}): Account {
    const account = this.hub.newAccount(login, "Organization");
    for (const [name, role] of Object.entries(members)) this.addMember(account, name, role);
    return account;
  }

  addMember(organization: Who, user: Who, role: "member" | "admin" = "member"): void {
    this.account(organization).members.set(this.person(user).id, role);
  }

  removeMember(organization: Who, user: Who): void {
    this.account(organization).members.delete(this.account(user).id);
  }

  addCollaborator(repository: Where, user: Who, permission: Permission = "write"): void {
    this.repository(repository).collaborators.set(this.person(user).id, permission);
  }

  renameAccount(account: Who, login: string): void {
    installations.renameAccount(this.hub, this.account(account), login);
  }

  /** @param name "owner/name"; an unknown owner becomes an organisation */
  async createRepository(
    name: string,
    options: repositories.NewRepository & { files?: Record<string, FileChange> } = {},
  ): Promise<Repository> {
    const [login = "", short = ""] = name.split("/");
    const owner = this.hub.state.account(login) ?? this.createOrganization(login);
    const repository = await repositories.createRepository(this.hub, owner, short, options);
    if (options.files) await this.commit(repository, repository.defaultBranch, options.files, { message: "Initial commit" });
    return repository;
  }

  fork(repository: Where, owner: Who): Promise<Repository> {
    return repositories.fork(this.hub, this.repository(repository), this.person(owner));
  }

  renameRepository(repository: Where, name: string): void {
    const found = this.repository(repository);
    repositories.rename(this.hub, found, name, found.owner);
  }

  transferRepository(repository: Where, owner: Who): void {
    const found = this.repository(repository);
    repositories.transfer(this.hub, found, this.account(owner), found.owner);
  }

  setVisibility(repository: Where, visibility: Visibility): void {
    const found = this.repository(repository);
    repositories.setVisibility(this.hub, found, visibility, found.owner);
  }

  setArchived(repository: Where, archived: boolean): void {
    const found = this.repository(repository);
    repositories.setArchived(this.hub, found, archived, found.owner);
  }

  setDefaultBranch(repository: Where, branch: string): Promise<void> {
    const found = this.repository(repository);
    return repositories.setDefaultBranch(this.hub, found, branch, found.owner);
  }

  deleteRepository(repository: Where): void {
    const found = this.repository(repository);
    repositories.remove(this.hub, found, found.owner);
  }

  /** A new commit on a branch, pushed. The branch is made when it is not there. @returns its sha */
  async commit(
    repository: Where,
    branch: string,
    files: Record<string, FileChange>,
    options: CommitOptions = {},
  ): Promise<string> {
    const found = this.repository(repository);
    const dir = this.hub.pathOf(found);
    const by = options.by === undefined ? found.owner : this.person(options.by);
    return await pushing(this.hub, found, by, async () => {
      const parent = options.parent ?? (await revision(dir, `refs/heads/${branch}`)) ?? (await revision(dir, "HEAD"));
      const sha = await writeCommit(dir, {
        message: options.message ?? `Change ${Object.keys(files).join(", ")}`,
        author: options.author ?? { name: by.name ?? by.login, email: by.email ?? "nobody@example.com" },
        time: Math.floor(this.hub.now() / 1000),
        parents: parent ? [parent] : [],
        files,
      });
      if (options.push !== false) await setRef(dir, `refs/heads/${branch}`, sha);
      return sha;
    });
  }

  /** Points a branch at a commit, as a push does, by force if it must. */
  async push(repository: Where, branch: string, sha: string, by?: Who): Promise<void> {
    const found = this.repository(repository);
    const who = by === undefined ? found.owner : this.person(by);
    await pushing(this.hub, found, who, () => setRef(this.hub.pathOf(found), `refs/heads/${branch}`, sha));
  }

  async tag(repository: Where, name: string, sha: string, by?: Who): Promise<void> {
    const found = this.repository(repository);
    const who = by === undefined ? found.owner : this.person(by);
    await pushing(this.hub, found, who, () => setRef(this.hub.pathOf(found), `refs/tags/${name}`, sha));
  }

  async deleteBranch(repository: Where, branch: string, by?: Who): Promise<void> {
    const found = this.repository(repository);
    const who = by === undefined ? found.owner : this.person(by);
    await pushing(this.hub, found, who, () => deleteRef(this.hub.pathOf(found), `refs/heads/${branch}`));
  }

  /** Sha of a branch. */
  async head(repository: Where, branch?: string): Promise<string> {
    const found = this.repository(repository);
    const sha = await revision(this.hub.pathOf(found), `refs/heads/${branch ?? found.defaultBranch}`);
    if (!sha) throw new Error(`${found.owner.login}/${found.name} has no branch "${branch ?? found.defaultBranch}"`);
    return sha;
  }

  /** @param from repository of the head, where it is a fork */
  openPullRequest(
    repository: Where,
    options: { head: string; from?: Where; base?: string; title?: string; body?: string; draft?: boolean; by?: Who },
  ): Promise<PullRequest> {
    const { from, by, ...rest } = options;
    const source = this.repository(from ?? repository);
    const author = by === undefined ? source.owner : this.person(by);
    return pulls.openPull(this.hub, { ...rest, repository: this.repository(repository), from: source, by: author });
  }

  closePullRequest(pull: PullRequest, by: Who = pull.author): void {
    pulls.closePull(this.hub, pull, this.account(by));
  }

  reopenPullRequest(pull: PullRequest, by: Who = pull.author): Promise<void> {
    return pulls.reopenPull(this.hub, pull, this.account(by));
  }

  mergePullRequest(pull: PullRequest, by: Who = pull.base.repository.owner): Promise<string> {
    return pulls.mergePull(this.hub, pull, this.account(by));
  }

  labelPullRequest(pull: PullRequest, label: string, on = true): void {
    pulls.labelPull(this.hub, pull, label, on, pull.author);
  }

  setDraft(pull: PullRequest, draft: boolean): void {
    pulls.setDraft(this.hub, pull, draft, pull.author);
  }

  /** Into the merge queue; out of it with `dequeue`. */
  enqueue(pull: PullRequest, by: Who = pull.author): Promise<queue.MergeGroup> {
    return queue.enqueue(this.hub, pull, this.account(by));
  }

  dequeue(group: queue.MergeGroup, reason: "merged" | "invalidated" | "dequeued"): Promise<void> {
    return queue.dequeue(this.hub, group, reason, group.repository.owner);
  }

  installApp(account: Who, options: { repositories?: Where[]; permissions?: Permissions } = {}): Installation {
    const chosen = options.repositories?.map((where) => this.repository(where)) ?? "all";
    return installations.install(this.hub, this.account(account), chosen, options.permissions);
  }

  uninstallApp(installation: Installation): void {
    installations.uninstall(this.hub, installation);
  }

  suspendApp(installation: Installation, by: Who = installation.account): void {
    installations.suspend(this.hub, installation, this.account(by));
  }

  unsuspendApp(installation: Installation): void {
    installations.unsuspend(this.hub, installation);
  }

  acceptPermissions(installation: Installation, permissions: Permissions, events = installation.events): void {
    installations.acceptPermissions(this.hub, installation, permissions, events);
  }

  chooseRepositories(installation: Installation, { added = [], removed = [] }: { added?: Where[]; removed?: Where[] }): void {
    const all = (list: Where[]) => list.map((where) => this.repository(where));
    installations.chooseRepositories(this.hub, installation, all(added), all(removed));
  }

  /** The button at one check. */
  rerequestRun(run: CheckRun, by: Who = run.suite.repository.owner): void {
    rerequestRun(this.hub, run, this.person(by));
  }

  /** "Re-run all checks". */
  rerequestSuite(suite: CheckSuite, by: Who = suite.repository.owner): void {
    rerequestSuite(this.hub, suite, this.person(by));
  }

  /** GitHub also tells an App of the suites that it makes for others. */
  async requestForeignSuite(repository: Where, sha: string, appId = 99): Promise<CheckSuite> {
    const found = this.repository(repository);
    const { suite } = await ensureSuite(this.hub, found, sha, { branch: found.defaultBranch, appId });
    tellSuite(this.hub, "requested", suite, found.owner);
    return suite;
  }

  /** A button of the App's own, as "cancel". */
  requestAction(run: CheckRun, identifier: string, by: Who = run.suite.repository.owner): void {
    requestAction(this.hub, run, identifier, this.person(by));
  }

  /** Every run of a commit, in the order in which they were made. */
  checkRunsOf(sha: string): CheckRun[] {
    return [...this.hub.state.runs.values()].filter(({ suite }) => suite.headSha === sha);
  }

  /** The newest run of a commit with this name. */
  checkRun(sha: string, name: string): CheckRun | undefined {
    return this.checkRunsOf(sha).findLast((run) => run.name === name);
  }

  suitesOf(sha: string): CheckSuite[] {
    return [...this.hub.state.suites.values()].filter((suite) => suite.headSha === sha);
  }

  account(who: Who): Account {
    if (typeof who !== "string") return who;
    const found = this.hub.state.account(who);
    if (!found) throw new Error(`no account "${who}"`);
    return found;
  }

  /** Makes the user when there is none yet. */
  person(who: Who): Account {
    return typeof who === "string" ? (this.hub.state.account(who) ?? this.createUser(who)) : who;
  }

  repository(where: Where): Repository {
    if (typeof where !== "string") return where;
    const [owner = "", name = ""] = where.split("/");
    const found = this.hub.state.repository(owner, name);
    if (!found) throw new Error(`no repository "${where}"`);
    return found;
  }

  /** Address to clone from; with the token of a user in it where one is named. */
  cloneUrl(repository: Where, as?: Who): string {
    const { owner, name } = this.repository(repository);
    const url = new URL(`${this.hub.places.web}/${owner.login}/${name}.git`);
    if (as !== undefined) Object.assign(url, { username: this.account(as).login, password: this.account(as).token });
    return url.href;
  }
}
