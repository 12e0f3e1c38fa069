import { commitInfo } from "../git.ts";
import type { Hub } from "../hub.ts";
import { runWithSuiteShape, suiteShape } from "../shape/check.ts";
import { time } from "../shape/places.ts";
import type { Account, Annotation, CheckRun, CheckSuite, Conclusion, Repository, Status } from "../state.ts";

export interface RunChange {
  name?: string;
  details_url?: string;
  external_id?: string;
  status?: Status;
  conclusion?: Conclusion;
  started_at?: string;
  completed_at?: string;
  output?: { title?: string; summary: string; text?: string; annotations?: Annotation[] };
  actions?: CheckRun["actions"];
}

/** The App's suite of a commit: there is at most one. */
export async function ensureSuite(
  hub: Hub,
  repository: Repository,
  sha: string,
  about: { branch?: string | null; before?: string | null; appId?: number } = {},
): Promise<{ suite: CheckSuite; isNew: boolean }> {
  const appId = about.appId ?? hub.app.id;
  const commit = await commitInfo(hub.pathOf(repository), sha);
  const known = hub.state.suiteFor(repository, sha, appId);
  if (known) return { suite: known, isNew: false };
  const now = hub.now();
  const suite: CheckSuite = {
    id: hub.state.id(),
    repository,
    appId,
    headBranch: about.branch ?? null,
    headSha: sha,
    before: about.before ?? null,
    status: "queued",
    conclusion: null,
    commit,
    createdAt: now,
    updatedAt: now,
  };
  hub.state.suites.set(suite.id, suite);
  return { suite, isNew: true };
}

export function createRun(hub: Hub, suite: CheckSuite, change: RunChange, by: Account): CheckRun {
  const run: CheckRun = {
    id: hub.state.id(),
    suite,
    name: "",
    externalId: "",
    detailsUrl: null,
    status: "queued",
    conclusion: null,
    startedAt: time(hub.now()),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
    actions: [],
  };
  hub.state.runs.set(run.id, run);
  apply(hub, run, change);
  tellRun(hub, "created", run, by);
  settle(hub, run, "queued", by);
  return run;
}

export function updateRun(hub: Hub, run: CheckRun, change: RunChange, by: Account): void {
  const before = run.status;
  apply(hub, run, change);
  settle(hub, run, before, by);
}

function apply(hub: Hub, run: CheckRun, change: RunChange): void {
  if (change.name !== undefined) run.name = change.name;
  if (change.details_url !== undefined) run.detailsUrl = change.details_url;
  if (change.external_id !== undefined) run.externalId = change.external_id;
  if (change.started_at !== undefined) run.startedAt = change.started_at;
  if (change.actions !== undefined) run.actions = change.actions;
  if (change.status !== undefined && change.status !== "completed") {
    Object.assign(run, { status: change.status, conclusion: null, completedAt: null });
  }
  if (change.conclusion !== undefined) {
    Object.assign(run, {
      status: "completed",
      conclusion: change.conclusion,
      completedAt: change.completed_at ?? time(hub.now()),
    });
  }
  if (change.output) {
    run.title = change.output.title ?? run.title;
    run.summary = change.output.summary;
    run.text = change.output.text ?? run.text;
    // Each request adds its own.
    run.annotations.push(...(change.output.annotations ?? []));
  }
}

/** Worst first: what a suite says is what its worst run says. */
const WORST: Conclusion[] = ["action_required", "cancelled", "timed_out", "failure", "stale", "success", "neutral", "skipped"];

/** After a run's change: tells of its end and of its suite's. */
function settle(hub: Hub, run: CheckRun, before: Status, by: Account): void {
  const { suite } = run;
  const over = suite.status === "completed";
  suite.updatedAt = hub.now();
  const runs = latest(hub.state.runsOf(suite));
  const done = runs.every(({ status }) => status === "completed");
  const started = runs.some(({ status }) => status !== "queued");
  suite.status = done ? "completed" : started ? "in_progress" : "queued";
  suite.conclusion = done ? (WORST.find((word) => runs.some(({ conclusion }) => conclusion === word)) ?? null) : null;
  if (run.status === "completed" && before !== "completed") tellRun(hub, "completed", run, by);
  if (done && !over) tellSuite(hub, "completed", suite, by);
}

/** Of runs with the same name only the newest. */
export function latest(runs: CheckRun[]): CheckRun[] {
  return [...new Map(runs.map((run) => [run.name, run])).values()];
}

/** A person presses "Re-run" at one check. The suite waits again; the run stays as it is. */
export function rerequestRun(hub: Hub, run: CheckRun, by: Account): void {
  tellRun(hub, "rerequested", run, by);
  Object.assign(run.suite, { status: "queued", conclusion: null, updatedAt: hub.now() });
}

/** A person presses "Re-run all checks". */
export function rerequestSuite(hub: Hub, suite: CheckSuite, by: Account): void {
  Object.assign(suite, { status: "queued", conclusion: null, updatedAt: hub.now() });
  tellSuite(hub, "rerequested", suite, by);
}

/** A person presses a button that the App has put on a run. @throws Error when there is no such button */
export function requestAction(hub: Hub, run: CheckRun, identifier: string, by: Account): void {
  if (!run.actions.some((action) => action.identifier === identifier)) {
    const shown = run.actions.map((action) => action.identifier).join(", ") || "none";
    throw new Error(`"${run.name}" has no button "${identifier}" (it has: ${shown})`);
  }
  tellRun(hub, "requested_action", run, by, { requested_action: { identifier } });
}

export function tellSuite(hub: Hub, action: string, suite: CheckSuite, by: Account): void {
  const { repository, headSha } = suite;
  const runs = latest(hub.state.runsOf(suite)).length;
  const shape = suiteShape(hub.places, hub.appOf(suite), suite, hub.state.pullsWith(repository, headSha), runs);
  hub.tell("check_suite", repository, by, { action, check_suite: shape });
}

function tellRun(hub: Hub, action: string, run: CheckRun, by: Account, more: object = {}): void {
  const shape = runWithSuiteShape(hub.places, hub.app, run, hub.pullsOf(run));
  hub.tell("check_run", run.suite.repository, by, { action, check_run: shape, ...more });
}
