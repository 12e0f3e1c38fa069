import type { PullRequest, Repository } from "../state.ts";
import { accountShape } from "./account.ts";
import { nodeId, type Places, time } from "./places.ts";
import { fullName, repositoryShape } from "./repository.ts";

export function labelShape(places: Places, repository: Repository, name: string) {
  const id = Bun.hash.crc32(name);
  return {
    id,
    node_id: nodeId("Label", id),
    url: `${places.api}/repos/${fullName(repository)}/labels/${encodeURIComponent(name)}`,
    name,
    description: null,
    color: "ededed",
    default: false,
  };
}

export function pullShape(places: Places, pull: PullRequest) {
  const { base, head } = pull;
  const repository = `${places.api}/repos/${fullName(base.repository)}`;
  const url = `${repository}/pulls/${pull.number}`;
  const page = `${places.web}/${fullName(base.repository)}/pull/${pull.number}`;
  const issue = `${repository}/issues/${pull.number}`;
  const addresses = {
    review_comments_url: `${url}/comments`,
    review_comment_url: `${repository}/pulls/comments{/number}`,
    commits_url: `${url}/commits`,
    comments_url: `${issue}/comments`,
    statuses_url: `${repository}/statuses/${head.sha}`,
  };
  return {
    url,
    id: pull.id,
    node_id: nodeId("PullRequest", pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: accountShape(places, pull.author),
    body: pull.body,
    created_at: time(pull.createdAt),
    updated_at: time(pull.updatedAt),
    closed_at: pull.closedAt === undefined ? null : time(pull.closedAt),
    merged_at: pull.merged ? time(pull.merged.at) : null,
    merge_commit_sha: pull.merged?.sha ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: pull.labels.map((name) => labelShape(places, base.repository, name)),
    milestone: null,
    draft: pull.draft,
    ...addresses,
    head: sideShape(places, head.repository, head.owner, head),
    base: sideShape(places, base.repository, base.repository.owner, base),
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issue },
      comments: { href: addresses.comments_url },
      review_comments: { href: addresses.review_comments_url },
      review_comment: { href: addresses.review_comment_url },
      commits: { href: addresses.commits_url },
      statuses: { href: addresses.statuses_url },
    },
    author_association: pull.author === base.repository.owner ? "OWNER" : "NONE",
    auto_merge: null,
    active_lock_reason: null,
    merged: pull.merged !== undefined,
    mergeable: null,
    rebaseable: null,
    mergeable_state: "unknown",
    merged_by: pull.merged ? accountShape(places, pull.merged.by) : null,
    comments: 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: pull.changes.commits,
    additions: pull.changes.additions,
    deletions: pull.changes.deletions,
    changed_files: pull.changes.files,
  };
}

function sideShape(
  places: Places,
  repository: Repository | undefined,
  owner: Repository["owner"],
  { ref, sha }: { ref: string; sha: string },
) {
  return {
    label: `${owner.login}:${ref}`,
    ref,
    sha,
    user: accountShape(places, owner),
    repo: repository ? repositoryShape(places, repository) : null,
  };
}
