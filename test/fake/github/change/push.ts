import { changesBetween, differences, fetchCommit, log, mergeBase, refs, setRef, ZERO } from "../git.ts";
import type { Hub } from "../hub.ts";
import { pushedCommitShape } from "../shape/commit.ts";
import { pullShape } from "../shape/pull.ts";
import { fullName } from "../shape/repository.ts";
import type { Account, PullRequest, Repository } from "../state.ts";
import { ensureSuite, tellSuite } from "./check.ts";

/** Does `work`, and tells of every branch and tag that it has changed, as GitHub does after a push. */
export async function pushing<T>(hub: Hub, repository: Repository, by: Account, work: () => Promise<T>): Promise<T> {
  return await hub.inTurn(repository, async () => {
    const dir = hub.pathOf(repository);
    const before = await refs(dir);
    const result = await work();
    const after = await refs(dir);
    for (const ref of new Set([...before.keys(), ...after.keys()])) {
      const [from, to] = [before.get(ref) ?? ZERO, after.get(ref) ?? ZERO];
      if (from !== to) await moved(hub, repository, by, { ref, from, to });
    }
    return result;
  });
}

interface Move {
  ref: string;
  from: string;
  to: string;
}

async function moved(hub: Hub, repository: Repository, by: Account, move: Move): Promise<void> {
  const { ref, from, to } = move;
  repository.pushedAt = hub.now();
  const [kind, name] = ref.startsWith("refs/tags/") ? ["tag", ref.slice(10)] : ["branch", ref.slice(11)];
  const birth = { ref: name, ref_type: kind, pusher_type: "user" };
  if (from === ZERO) {
    hub.tell("create", repository, by, {
      ...birth,
      master_branch: repository.defaultBranch,
      description: repository.description,
    });
  }
  if (to === ZERO) hub.tell("delete", repository, by, birth);
  await tellPush(hub, repository, by, move);
  if (to === ZERO || kind === "tag") return;
  const suites = await ensureSuite(hub, repository, to, { branch: name, before: from });
  // A suite that a pull request made first learns its branch from the push.
  suites.suite.headBranch ??= name;
  if (suites.isNew) tellSuite(hub, "requested", suites.suite, by);
  for (const pull of hub.state.pulls.values()) {
    if (pull.state === "open" && pull.head.repository === repository && pull.head.ref === name)
      await headMoved(hub, pull, to, by);
    if (pull.state === "open" && pull.base.repository === repository && pull.base.ref === name) pull.base.sha = to;
  }
}

async function tellPush(hub: Hub, repository: Repository, by: Account, { ref, from, to }: Move): Promise<void> {
  const dir = hub.pathOf(repository);
  const base = from === ZERO || to === ZERO ? undefined : await mergeBase(dir, from, to);
  const commits = to === ZERO ? [] : (await log(dir, to, base ? ["-100", `^${base}`] : ["-1"])).reverse();
  const shapes = [];
  for (const commit of commits) {
    shapes.push(pushedCommitShape(hub.places, repository, commit, await differences(dir, commit.parents[0], commit.sha, false)));
  }
  const page = `${hub.places.web}/${fullName(repository)}`;
  const seconds = (ms: number) => Math.floor(ms / 1000);
  hub.tell("push", repository, by, {
    ref,
    before: from,
    after: to,
    created: from === ZERO,
    deleted: to === ZERO,
    forced: from !== ZERO && to !== ZERO && base !== from,
    base_ref: null,
    compare: from === ZERO || to === ZERO ? page : `${page}/compare/${from.slice(0, 12)}...${to.slice(0, 12)}`,
    commits: shapes,
    head_commit: shapes.at(-1) ?? null,
    pusher: { name: by.login, email: by.email },
    repository: {
      created_at: seconds(repository.createdAt),
      pushed_at: seconds(repository.pushedAt),
      stargazers: 0,
      master_branch: repository.defaultBranch,
    },
  });
}

/** A pull request's branch has moved. */
async function headMoved(hub: Hub, pull: PullRequest, sha: string, by: Account): Promise<void> {
  const before = pull.head.sha;
  pull.head.sha = sha;
  pull.updatedAt = hub.now();
  await bringHead(hub, pull);
  hub.tell("pull_request", pull.base.repository, by, {
    action: "synchronize",
    number: pull.number,
    before,
    after: sha,
    pull_request: pullShape(hub.places, pull),
  });
}

/** The base repository has a pull request's head as `refs/pull/N/head`, also from a fork. */
export async function bringHead(hub: Hub, pull: PullRequest): Promise<void> {
  const { base, head } = pull;
  const dir = hub.pathOf(base.repository);
  const ref = `refs/pull/${pull.number}/head`;
  if (head.repository && head.repository !== base.repository) await fetchCommit(dir, hub.pathOf(head.repository), head.sha, ref);
  else await setRef(dir, ref, head.sha);
  pull.changes = await changesBetween(dir, base.sha, head.sha);
}
