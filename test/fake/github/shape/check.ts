import type { CheckRun, CheckSuite, PullRequest } from "../state.ts";
import { type App, appShape } from "./app.ts";
import { simpleCommitShape } from "./commit.ts";
import { nodeId, type Places, time } from "./places.ts";
import { fullName, repositoryReference } from "./repository.ts";

/** A pull request beside a check. One from a deleted fork has no repository to name and is left out, as by GitHub. */
export function pullReferences(places: Places, pulls: PullRequest[]) {
  return pulls.flatMap(({ id, number, head, base }) => {
    if (!head.repository) return [];
    return {
      url: `${places.api}/repos/${fullName(base.repository)}/pulls/${number}`,
      id,
      number,
      head: { ref: head.ref, sha: head.sha, repo: repositoryReference(places, head.repository) },
      base: { ref: base.ref, sha: base.sha, repo: repositoryReference(places, base.repository) },
    };
  });
}

/** What every view of a suite has. */
function suiteCore(places: Places, app: App, suite: CheckSuite, pulls: PullRequest[]) {
  return {
    id: suite.id,
    node_id: nodeId("CheckSuite", suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    status: suite.status,
    conclusion: suite.conclusion,
    url: `${places.api}/repos/${fullName(suite.repository)}/check-suites/${suite.id}`,
    before: suite.before,
    after: suite.headSha,
    pull_requests: pullReferences(places, pulls),
    app: appShape(places, app),
    created_at: time(suite.createdAt),
    updated_at: time(suite.updatedAt),
  };
}

export function suiteShape(places: Places, app: App, suite: CheckSuite, pulls: PullRequest[], runs: number) {
  const core = suiteCore(places, app, suite, pulls);
  return {
    ...core,
    head_commit: simpleCommitShape(suite.commit),
    latest_check_runs_count: runs,
    check_runs_url: `${core.url}/check-runs`,
    rerequestable: true,
    runs_rerequestable: true,
  };
}

export function runShape(places: Places, app: App, run: CheckRun, pulls: PullRequest[]) {
  const { suite } = run;
  const url = `${places.api}/repos/${fullName(suite.repository)}/check-runs/${run.id}`;
  const html = `${places.web}/${fullName(suite.repository)}/runs/${run.id}`;
  return {
    id: run.id,
    node_id: nodeId("CheckRun", run.id),
    name: run.name,
    head_sha: suite.headSha,
    external_id: run.externalId,
    url,
    html_url: html,
    details_url: run.detailsUrl ?? `${places.web}/apps/${app.slug}`,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: suite.id },
    app: appShape(places, app),
    pull_requests: pullReferences(places, pulls),
  };
}

/** In a webhook a run brings its suite with it. */
export const runWithSuiteShape = (places: Places, app: App, run: CheckRun, pulls: PullRequest[]) => ({
  ...runShape(places, app, run, pulls),
  check_suite: suiteCore(places, app, run.suite, pulls),
});
