import { commitInfo, deleteRef, mergeCommit, revision, setRef } from "../git.ts";
import type { Hub } from "../hub.ts";
import { simpleCommitShape } from "../shape/commit.ts";
import type { Account, PullRequest, Repository } from "../state.ts";
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

/** Puts a pull request into the queue of its base branch. The queue's branch is pushed as any other, with its suite. */
export async function enqueue(hub: Hub, pull: PullRequest, by: Account): Promise<MergeGroup> {
  const { repository, ref: branch } = pull.base;
  const dir = hub.pathOf(repository);
  const base = await revision(dir, `refs/heads/${branch}`);
  if (!base) throw new Error(`no branch "${branch}" to queue for`);
  const message = `Merge pull request #${pull.number} from ${pull.head.owner.login}/${pull.head.ref}`;
  const sha = await mergeCommit(dir, base, pull.head.sha, message, Math.floor(hub.now() / 1000));
  const ref = `refs/heads/gh-readonly-queue/${branch}/pr-${pull.number}-${base}`;
  const group: MergeGroup = { pull, repository, ref, sha, baseRef: `refs/heads/${branch}`, baseSha: base };
  tellPull(hub, "enqueued", pull, by);
  await pushing(hub, repository, by, () => setRef(dir, group.ref, sha));
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
  await tell(hub, "destroyed", group, by, { reason });
  await pushing(hub, group.repository, by, () => deleteRef(dir, group.ref));
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
