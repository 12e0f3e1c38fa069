import { mergeCommit, revision, setRef } from "../git.ts";
import type { Hub } from "../hub.ts";
import { labelShape, pullShape } from "../shape/pull.ts";
import type { Account, PullRequest, Repository } from "../state.ts";
import { bringHead, pushing } from "./push.ts";

export interface NewPull {
  /** Into this repository and branch. */
  repository: Repository;
  base?: string;
  /** From this branch, of a fork where it is another repository. */
  from: Repository;
  head: string;
  title?: string;
  body?: string;
  draft?: boolean;
  by: Account;
}

export async function openPull(hub: Hub, wanted: NewPull): Promise<PullRequest> {
  const { repository, from, by } = wanted;
  const baseRef = wanted.base ?? repository.defaultBranch;
  const base = await revision(hub.pathOf(repository), `refs/heads/${baseRef}`);
  const head = await revision(hub.pathOf(from), `refs/heads/${wanted.head}`);
  if (!base || !head) throw new Error(`no branch "${base ? wanted.head : baseRef}" to make a pull request of`);
  repository.lastNumber += 1;
  const now = hub.now();
  const pull: PullRequest = {
    id: hub.state.id(),
    number: repository.lastNumber,
    base: { repository, ref: baseRef, sha: base },
    head: { repository: from, owner: from.owner, ref: wanted.head, sha: head },
    title: wanted.title ?? `Merge ${wanted.head}`,
    body: wanted.body ?? null,
    author: by,
    state: "open",
    draft: wanted.draft ?? false,
    labels: [],
    createdAt: now,
    updatedAt: now,
    closedAt: undefined,
    merged: undefined,
    changes: { commits: 0, additions: 0, deletions: 0, files: 0 },
  };
  hub.state.pulls.set(pull.id, pull);
  await bringHead(hub, pull);
  tellPull(hub, "opened", pull, by);
  return pull;
}

export function closePull(hub: Hub, pull: PullRequest, by: Account): void {
  Object.assign(pull, { state: "closed", closedAt: hub.now(), updatedAt: hub.now() });
  tellPull(hub, "closed", pull, by);
}

export async function reopenPull(hub: Hub, pull: PullRequest, by: Account): Promise<void> {
  Object.assign(pull, { state: "open", closedAt: undefined, updatedAt: hub.now() });
  // What was pushed in between counts now.
  const { repository, ref } = pull.head;
  const sha = repository && (await revision(hub.pathOf(repository), `refs/heads/${ref}`));
  if (sha) pull.head.sha = sha;
  await bringHead(hub, pull);
  tellPull(hub, "reopened", pull, by);
}

/** Merges with a commit of two parents, and pushes that. */
export async function mergePull(hub: Hub, pull: PullRequest, by: Account): Promise<string> {
  const { repository, ref } = pull.base;
  const dir = hub.pathOf(repository);
  const message = `Merge pull request #${pull.number} from ${pull.head.owner.login}/${pull.head.ref}`;
  const sha = await pushing(hub, repository, by, async () => {
    const merged = await mergeCommit(dir, pull.base.sha, pull.head.sha, message, Math.floor(hub.now() / 1000));
    await setRef(dir, `refs/heads/${ref}`, merged);
    return merged;
  });
  pull.merged = { at: hub.now(), by, sha };
  closePull(hub, pull, by);
  return sha;
}

export function labelPull(hub: Hub, pull: PullRequest, label: string, on: boolean, by: Account): void {
  pull.labels = on ? [...pull.labels, label] : pull.labels.filter((name) => name !== label);
  pull.updatedAt = hub.now();
  tellPull(hub, on ? "labeled" : "unlabeled", pull, by, { label: labelShape(hub.places, pull.base.repository, label) });
}

export function setDraft(hub: Hub, pull: PullRequest, draft: boolean, by: Account): void {
  pull.draft = draft;
  tellPull(hub, draft ? "converted_to_draft" : "ready_for_review", pull, by);
}

export function tellPull(hub: Hub, action: string, pull: PullRequest, by: Account, more: object = {}): void {
  const pull_request = pullShape(hub.places, pull);
  hub.tell("pull_request", pull.base.repository, by, { action, number: pull.number, pull_request, ...more });
}
