import { commitInfo, deleteRef, mergeCommit, revision, setRef } from "../git.ts";
import type { Hub } from "../hub.ts";
import { simpleCommitShape } from "../shape/commit.ts";
import type { Account, PullRequest, Repository } from "../state.ts";
import { ensureSuite, tellSuite } from "./check.ts";
import { closePull, tellPull } from "./pull.ts";
import { pushing } from "./push.ts";

/** A place in a merge queue: the base with one more pull request merged into it, to be checked before it becomes the base. */
export interface MergeGroup {
  pull: PullRequest;
  repository: Repository;
  /** Full: `refs/heads/gh-readonly-queue/main/pr-1-<sha of the base>`. */
  ref: string;
  sha: string;
  baseRef: string;
  baseSha: string;
}

/** Puts a pull request into the queue of its base branch. GitHub sends no push for the queue's branches, but makes suites. */
export async function enqueue(hub: Hub, pull: PullRequest, by: Account): Promise<MergeGroup> {
  const { repository, ref: branch } = pull.base;
  const dir = hub.pathOf(repository);
  const base = await revision(dir, `refs/heads/${branch}`);
  if (!base) throw new Error(`no branch "${branch}" to queue for`);
  const message = `Merge pull request #${pull.number} from ${pull.head.owner.login}/${pull.head.ref}`;
  const sha = await mergeCommit(dir, base, pull.head.sha, message, Math.floor(hub.now() / 1000));
  const name = `gh-readonly-queue/${branch}/pr-${pull.number}-${base}`;
  const group: MergeGroup = { pull, repository, ref: `refs/heads/${name}`, sha, baseRef: `refs/heads/${branch}`, baseSha: base };
  await hub.inTurn(repository, () => setRef(dir, group.ref, sha));
  tellPull(hub, "enqueued", pull, by);
  const { suite, isNew } = await ensureSuite(hub, repository, sha, { branch: name, before: base });
  if (isNew) tellSuite(hub, "requested", suite, by);
  await tell(hub, "checks_requested", group, by);
  return group;
}

/** The checks are done, or it was taken out. */
export async function dequeue(
  hub: Hub,
  group: MergeGroup,
  reason: "merged" | "invalidated" | "dequeued",
  by: Account,
): Promise<void> {
  const dir = hub.pathOf(group.repository);
  if (reason === "merged") await pushing(hub, group.repository, by, () => setRef(dir, group.baseRef, group.sha));
  await hub.inTurn(group.repository, () => deleteRef(dir, group.ref));
  await tell(hub, "destroyed", group, by, { reason });
  if (reason !== "merged") return;
  group.pull.merged = { at: hub.now(), by, sha: group.sha };
  closePull(hub, group.pull, by);
}

async function tell(hub: Hub, action: string, group: MergeGroup, by: Account, more: object = {}): Promise<void> {
  const head_commit = simpleCommitShape(await commitInfo(hub.pathOf(group.repository), group.sha));
  const { sha: head_sha, ref: head_ref, baseRef: base_ref, baseSha: base_sha } = group;
  hub.tell("merge_group", group.repository, by, {
    action,
    merge_group: { head_sha, head_ref, base_ref, base_sha, head_commit },
    ...more,
  });
}
