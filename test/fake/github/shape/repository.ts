import type { Repository } from "../state.ts";
import { accountShape } from "./account.ts";
import { nodeId, type Places, time } from "./places.ts";

export const fullName = ({ owner, name }: Repository) => `${owner.login}/${name}`;

const TEMPLATES: Record<string, string> = {
  archive: "/{archive_format}{/ref}",
  assignees: "/assignees{/user}",
  blobs: "/git/blobs{/sha}",
  branches: "/branches{/branch}",
  collaborators: "/collaborators{/collaborator}",
  comments: "/comments{/number}",
  commits: "/commits{/sha}",
  compare: "/compare/{base}...{head}",
  contents: "/contents/{+path}",
  contributors: "/contributors",
  deployments: "/deployments",
  downloads: "/downloads",
  events: "/events",
  forks: "/forks",
  git_commits: "/git/commits{/sha}",
  git_refs: "/git/refs{/sha}",
  git_tags: "/git/tags{/sha}",
  hooks: "/hooks",
  issue_comment: "/issues/comments{/number}",
  issue_events: "/issues/events{/number}",
  issues: "/issues{/number}",
  keys: "/keys{/key_id}",
  labels: "/labels{/name}",
  languages: "/languages",
  merges: "/merges",
  milestones: "/milestones{/number}",
  notifications: "/notifications{?since,all,participating}",
  pulls: "/pulls{/number}",
  releases: "/releases{/id}",
  stargazers: "/stargazers",
  statuses: "/statuses/{sha}",
  subscribers: "/subscribers",
  subscription: "/subscription",
  tags: "/tags",
  teams: "/teams",
  trees: "/git/trees{/sha}",
};

/** As webhooks and lists show a repository. */
export function repositoryShape(places: Places, repository: Repository) {
  const url = `${places.api}/repos/${fullName(repository)}`;
  const page = `${places.web}/${fullName(repository)}`;
  const host = new URL(places.web).host;
  return {
    id: repository.id,
    node_id: nodeId("Repository", repository.id),
    name: repository.name,
    full_name: fullName(repository),
    private: repository.visibility !== "public",
    owner: accountShape(places, repository.owner),
    html_url: page,
    description: repository.description,
    fork: repository.parent !== undefined,
    url,
    ...Object.fromEntries(Object.entries(TEMPLATES).map(([name, template]) => [`${name}_url`, url + template])),
    created_at: time(repository.createdAt),
    updated_at: time(repository.pushedAt),
    pushed_at: time(repository.pushedAt),
    git_url: `git://${host}/${fullName(repository)}.git`,
    ssh_url: `git@${host}:${fullName(repository)}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    homepage: null,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    mirror_url: null,
    archived: repository.archived,
    disabled: false,
    open_issues_count: 0,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.visibility,
    forks: 0,
    open_issues: 0,
    watchers: 0,
    default_branch: repository.defaultBranch,
    custom_properties: {},
  };
}

/** As the repository's own address shows it. */
export function wholeRepositoryShape(places: Places, repository: Repository) {
  const { owner, parent } = repository;
  return {
    ...repositoryShape(places, repository),
    subscribers_count: 0,
    network_count: 0,
    ...(owner.type === "Organization" ? { organization: accountShape(places, owner) } : {}),
    ...(parent ? { parent: repositoryShape(places, parent), source: repositoryShape(places, parent) } : {}),
  };
}

/** As lists of an installation's repositories in webhooks have it. */
export function briefRepositoryShape(repository: Repository) {
  return {
    id: repository.id,
    node_id: nodeId("Repository", repository.id),
    name: repository.name,
    full_name: fullName(repository),
    private: repository.visibility !== "public",
  };
}

export const repositoryReference = (places: Places, repository: Repository) => ({
  id: repository.id,
  url: `${places.api}/repos/${fullName(repository)}`,
  name: repository.name,
});
