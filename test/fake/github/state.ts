/** What the fake GitHub knows: plain records, found by id or by name. Contents of repositories are in git. */

export type Permission = "none" | "read" | "triage" | "write" | "maintain" | "admin";
export type Visibility = "public" | "private" | "internal";
/** Of an App: what it may do, as `checks: "write"`. */
export type Permissions = Record<string, "read" | "write">;

export interface Account {
  id: number;
  login: string;
  type: "User" | "Organization" | "Bot";
  name: string | null;
  email: string | null;
  createdAt: number;
  /** Of an organisation: ids of its people. */
  members: Map<number, "member" | "admin">;
  /** Of a user, for git and the API. */
  token: string;
}

export interface Repository {
  id: number;
  owner: Account;
  name: string;
  visibility: Visibility;
  defaultBranch: string;
  description: string | null;
  archived: boolean;
  parent: Repository | undefined;
  /** By account id. */
  collaborators: Map<number, Permission>;
  /** The bare repository. */
  dir: string;
  createdAt: number;
  pushedAt: number;
  /** Numbers of its pull requests. */
  lastNumber: number;
}

export interface Installation {
  id: number;
  account: Account;
  selection: "all" | "selected";
  /** Ids of repositories, where `selected`. */
  repositories: Set<number>;
  permissions: Permissions;
  events: string[];
  createdAt: number;
  suspended: { at: number; by: Account } | undefined;
}

export interface CommitInfo {
  sha: string;
  tree: string;
  parents: string[];
  message: string;
  author: Person;
  committer: Person;
}

export interface Person {
  name: string;
  email: string;
  /** RFC 3339. */
  date: string;
}

export type Status = "queued" | "in_progress" | "completed";
export type Conclusion = "success" | "failure" | "neutral" | "cancelled" | "skipped" | "timed_out" | "action_required" | "stale";

export interface CheckSuite {
  id: number;
  repository: Repository;
  appId: number;
  headBranch: string | null;
  headSha: string;
  before: string | null;
  status: Status;
  conclusion: Conclusion | null;
  commit: CommitInfo;
  createdAt: number;
  updatedAt: number;
}

export interface Annotation {
  path: string;
  start_line: number;
  end_line: number;
  start_column?: number;
  end_column?: number;
  annotation_level: "notice" | "warning" | "failure";
  message: string;
  title?: string;
  raw_details?: string;
}

export interface CheckRun {
  id: number;
  suite: CheckSuite;
  name: string;
  externalId: string;
  detailsUrl: string | null;
  status: Status;
  conclusion: Conclusion | null;
  startedAt: string | null;
  completedAt: string | null;
  title: string | null;
  summary: string | null;
  text: string | null;
  annotations: Annotation[];
  actions: { identifier: string; label: string; description: string }[];
}

export interface PullRequest {
  id: number;
  number: number;
  base: { repository: Repository; ref: string; sha: string };
  /** Without a repository when its fork was deleted. */
  head: { repository: Repository | undefined; owner: Account; ref: string; sha: string };
  title: string;
  body: string | null;
  author: Account;
  state: "open" | "closed";
  draft: boolean;
  labels: string[];
  createdAt: number;
  updatedAt: number;
  closedAt: number | undefined;
  merged: { at: number; by: Account; sha: string } | undefined;
  changes: Changes;
}

/** How much a pull request changes. */
export interface Changes {
  commits: number;
  additions: number;
  deletions: number;
  files: number;
}

const RANK: Permission[] = ["none", "read", "triage", "write", "maintain", "admin"];

/** @returns whether `has` is `wanted` or more */
export const atLeast = (has: Permission, wanted: Permission) => RANK.indexOf(has) >= RANK.indexOf(wanted);

export class State {
  readonly accounts = new Map<number, Account>();
  readonly repositories = new Map<number, Repository>();
  readonly installations = new Map<number, Installation>();
  readonly suites = new Map<number, CheckSuite>();
  readonly runs = new Map<number, CheckRun>();
  readonly pulls = new Map<number, PullRequest>();
  /** "owner/name" of old, in lower case, to what it is now: GitHub sends those who ask on. */
  readonly moved = new Map<string, number>();
  #last = 40_000_000_000;

  /** Ids need more than 32 bits, as GitHub's do. */
  id(): number {
    this.#last += 1;
    return this.#last;
  }

  account(login: string): Account | undefined {
    return find(this.accounts, (account) => same(account.login, login));
  }

  repository(owner: string, name: string): Repository | undefined {
    return find(this.repositories, (repository) => same(repository.owner.login, owner) && same(repository.name, name));
  }

  /** The App's installation that sees this repository. */
  installationFor(repository: Repository): Installation | undefined {
    return find(this.installations, (installation) => sees(installation, repository));
  }

  repositoriesOf(installation: Installation): Repository[] {
    return [...this.repositories.values()].filter((repository) => sees(installation, repository));
  }

  suiteFor(repository: Repository, sha: string, appId: number): CheckSuite | undefined {
    return find(this.suites, (suite) => suite.repository === repository && suite.headSha === sha && suite.appId === appId);
  }

  /** In the order in which they were made. */
  runsOf(suite: CheckSuite): CheckRun[] {
    return [...this.runs.values()].filter((run) => run.suite === suite);
  }

  pull(repository: Repository, number: number): PullRequest | undefined {
    return find(this.pulls, (pull) => pull.base.repository === repository && pull.number === number);
  }

  /** Open pull requests with this commit at their head, as GitHub lists them with a check. */
  pullsWith(repository: Repository, sha: string): PullRequest[] {
    return [...this.pulls.values()].filter(
      (pull) => pull.state === "open" && pull.base.repository === repository && pull.head.sha === sha,
    );
  }

  /** Who presses buttons there unless told otherwise: organisations have no hands. */
  keeperOf({ owner }: Repository): Account {
    const [admin] = [...owner.members].find(([, role]) => role === "admin") ?? [];
    return (admin !== undefined && this.accounts.get(admin)) || owner;
  }

  permissionOf(repository: Repository, account: Account): Permission {
    if (repository.owner === account) return "admin";
    const role = repository.owner.members.get(account.id);
    if (role === "admin") return "admin";
    const given = repository.collaborators.get(account.id);
    if (given) return given;
    return role !== undefined || repository.visibility === "public" ? "read" : "none";
  }
}

function sees(installation: Installation, repository: Repository): boolean {
  if (installation.account !== repository.owner) return false;
  return installation.selection === "all" || installation.repositories.has(repository.id);
}

const same = (left: string, right: string) => left.toLowerCase() === right.toLowerCase();

function find<T>(records: Map<number, T>, wanted: (record: T) => boolean): T | undefined {
  for (const record of records.values()) if (wanted(record)) return record;
  return undefined;
}
