import type { FileDifference } from "../git.ts";
import type { CommitInfo, Person, Repository } from "../state.ts";
import { nodeId, type Places } from "./places.ts";
import { fullName } from "./repository.ts";

/** As the commits of a repository are listed. */
export function commitShape(places: Places, repository: Repository, commit: CommitInfo) {
  const url = `${places.api}/repos/${fullName(repository)}`;
  const page = `${places.web}/${fullName(repository)}/commit`;
  return {
    sha: commit.sha,
    node_id: nodeId(`Commit${repository.id}:`, Number.parseInt(commit.sha.slice(0, 8), 16)),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      url: `${url}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null },
    },
    url: `${url}/commits/${commit.sha}`,
    html_url: `${page}/${commit.sha}`,
    comments_url: `${url}/commits/${commit.sha}/comments`,
    // Whoever git says wrote it has no account here: GitHub then answers with an empty object.
    author: {},
    committer: {},
    parents: commit.parents.map((sha) => ({ sha, url: `${url}/commits/${sha}`, html_url: `${page}/${sha}` })),
  };
}

/** As a check suite shows its head. */
export function simpleCommitShape(commit: CommitInfo) {
  const who = ({ name, email }: Person) => ({ name, email });
  return {
    id: commit.sha,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: commit.committer.date,
    author: who(commit.author),
    committer: who(commit.committer),
  };
}

/** As a push shows each commit. */
export function pushedCommitShape(places: Places, repository: Repository, commit: CommitInfo, files: FileDifference[]) {
  const named = (status: FileDifference["status"]) => files.filter((file) => file.status === status).map(({ path }) => path);
  return {
    ...simpleCommitShape(commit),
    distinct: true,
    url: `${places.web}/${fullName(repository)}/commit/${commit.sha}`,
    added: [...named("added"), ...named("renamed")],
    removed: [...named("removed"), ...files.flatMap(({ previous }) => previous ?? [])],
    modified: named("modified"),
  };
}

/** A changed file, of a commit, a comparison or a pull request. */
export function fileShape(places: Places, repository: Repository, sha: string, file: FileDifference) {
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  const page = `${places.web}/${fullName(repository)}`;
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${sha}/${path}`,
    raw_url: `${page}/raw/${sha}/${path}`,
    contents_url: `${places.api}/repos/${fullName(repository)}/contents/${path}?ref=${sha}`,
    ...(file.patch ? { patch: file.patch } : {}),
    ...(file.previous ? { previous_filename: file.previous } : {}),
  };
}
