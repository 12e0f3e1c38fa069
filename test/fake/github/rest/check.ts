import { createRun, ensureSuite, latest, type RunChange, rerequestRun, rerequestSuite, updateRun } from "../change/check.ts";
import { revision } from "../git.ts";
import { runShape, suiteShape } from "../shape/check.ts";
import { fullName, repositoryShape } from "../shape/repository.ts";
import type { CheckRun, CheckSuite, Repository } from "../state.ts";
import { type Answer, type Call, notFound, ok, Refusal } from "./call.ts";

function showSuite({ hub }: Call, suite: CheckSuite) {
  const pulls = hub.state.pullsWith(suite.repository, suite.headSha);
  const runs = latest(hub.state.runsOf(suite)).length;
  // Within the REST API a suite also brings its repository.
  return {
    ...suiteShape(hub.places, hub.appOf(suite), suite, pulls, runs),
    repository: repositoryShape(hub.places, suite.repository),
  };
}

const showRun = ({ hub }: Call, run: CheckRun) => runShape(hub.places, hub.app, run, hub.pullsOf(run));

function suiteOf(call: Call, level: "read" | "write"): CheckSuite {
  const repository = call.repository("checks", level);
  const suite = call.hub.state.suites.get(Number(call.param("check_suite_id")));
  if (suite?.repository !== repository) throw notFound();
  return suite;
}

function runOf(call: Call, level: "read" | "write"): CheckRun {
  const repository = call.repository("checks", level);
  const run = call.hub.state.runs.get(Number(call.param("check_run_id")));
  if (run?.suite.repository !== repository) throw notFound();
  return run;
}

async function shaOf(call: Call, repository: Repository): Promise<string> {
  const sha = await revision(call.hub.pathOf(repository), call.param("ref"));
  if (!sha) throw new Refusal(422, `No commit found for SHA: ${call.param("ref")}`);
  return sha;
}

export async function listSuites(call: Call): Promise<Answer> {
  const repository = call.repository("checks", "read");
  const sha = await shaOf(call, repository);
  const appId = Number(call.query.get("app_id") ?? 0);
  const name = call.query.get("check_name");
  const suites = [...call.hub.state.suites.values()].filter(
    (suite) =>
      suite.repository === repository &&
      suite.headSha === sha &&
      (appId === 0 || suite.appId === appId) &&
      (name === null || call.hub.state.runsOf(suite).some((run) => run.name === name)),
  );
  return call.page(suites, (some, total) => ({ total_count: total, check_suites: some.map((suite) => showSuite(call, suite)) }));
}

export async function createSuite(call: Call): Promise<Answer> {
  const repository = call.repository("checks", "write");
  appsOnly(call);
  const { head_sha } = call.body as { head_sha: string };
  if (!(await hasCommit(call, repository, head_sha))) throw noCommit(head_sha);
  const { suite, isNew } = await ensureSuite(call.hub, repository, head_sha);
  return ok(showSuite(call, suite), isNew ? 201 : 200);
}

const hasCommit = async ({ hub }: Call, repository: Repository, sha: string) =>
  /^[0-9a-f]{40}$/.test(sha) && (await revision(hub.pathOf(repository), sha)) === sha;

const noCommit = (sha: string) =>
  new Refusal(422, `No commit found for SHA: ${sha}`, [{ resource: "CheckRun", field: "head_sha", code: "invalid" }]);

function appsOnly({ caller }: Call): void {
  if (caller.kind !== "installation") throw new Refusal(403, "You must authenticate via a GitHub App.");
}

export const getSuite = (call: Call): Answer => ok(showSuite(call, suiteOf(call, "read")));

export function rerequestSuiteRoute(call: Call): Answer {
  rerequestSuite(call.hub, suiteOf(call, "write"), call.actor);
  return ok({}, 201);
}

function listRuns(call: Call, runs: CheckRun[]): Answer {
  const name = call.query.get("check_name");
  const status = call.query.get("status");
  const wanted = runs.filter((run) => (name === null || run.name === name) && (status === null || run.status === status));
  const shown = call.query.get("filter") === "all" ? wanted : latest(wanted);
  // The newest first, as GitHub lists them.
  return call.page(shown.reverse(), (some, total) => ({ total_count: total, check_runs: some.map((run) => showRun(call, run)) }));
}

export const listRunsOfSuite = (call: Call): Answer => listRuns(call, call.hub.state.runsOf(suiteOf(call, "read")));

export async function listRunsOfCommit(call: Call): Promise<Answer> {
  const repository = call.repository("checks", "read");
  const sha = await shaOf(call, repository);
  const appId = Number(call.query.get("app_id") ?? 0);
  const runs = [...call.hub.state.runs.values()].filter(
    ({ suite }) => suite.repository === repository && suite.headSha === sha && (appId === 0 || suite.appId === appId),
  );
  return listRuns(call, runs);
}

export async function createRunRoute(call: Call): Promise<Answer> {
  const repository = call.repository("checks", "write");
  appsOnly(call);
  const { head_sha, ...change } = call.body as RunChange & { head_sha: string };
  checkChange(change);
  if (!(await hasCommit(call, repository, head_sha))) throw noCommit(head_sha);
  // A run for a commit without a suite makes one.
  const { suite } = await ensureSuite(call.hub, repository, head_sha);
  return ok(showRun(call, createRun(call.hub, suite, change, call.actor)), 201);
}

export const getRun = (call: Call): Answer => ok(showRun(call, runOf(call, "read")));

export function updateRunRoute(call: Call): Answer {
  const run = runOf(call, "write");
  appsOnly(call);
  if (run.suite.appId !== call.hub.app.id) throw new Refusal(403, "Invalid app_id `Integration`");
  const change = call.body as RunChange;
  checkChange(change);
  updateRun(call.hub, run, change, call.actor);
  return ok(showRun(call, run));
}

const MOST_BYTES = 65535;

/** What GitHub holds against a run and its description does not say, or says only in prose. */
function checkChange({ status, conclusion, completed_at, output }: RunChange): void {
  const invalid = (message: string) => new Refusal(422, `Invalid request.\n\n${message}`);
  if (status === "completed" && conclusion === undefined) throw invalid('"conclusion" wasn\'t supplied for status "completed".');
  if (completed_at !== undefined && conclusion === undefined) throw invalid('"completed_at" needs a "conclusion".');
  for (const field of ["summary", "text"] as const) {
    const bytes = Buffer.byteLength(output?.[field] ?? "");
    if (bytes > MOST_BYTES) throw invalid(`Only 65535 bytes are allowed for "output.${field}"; ${bytes} were supplied.`);
  }
  for (const one of output?.annotations ?? []) {
    if (one.start_line < 1 || one.end_line < one.start_line)
      throw invalid(`The lines of an annotation on "${one.path}" are wrong.`);
    const columns = one.start_column !== undefined || one.end_column !== undefined;
    if (columns && one.start_line !== one.end_line) throw invalid("Columns are only for annotations on one line.");
    if (Buffer.byteLength(one.message) > 64 * 1024) throw invalid("The message of an annotation is over 64 KB.");
  }
}

export function rerequestRunRoute(call: Call): Answer {
  const run = runOf(call, "write");
  if (run.status !== "completed") throw new Refusal(422, "This check run is not rerequestable");
  rerequestRun(call.hub, run, call.actor);
  return ok({}, 201);
}

export function listAnnotations(call: Call): Answer {
  const { suite, annotations } = runOf(call, "read");
  const page = `${call.hub.places.web}/${fullName(suite.repository)}/blob/${suite.headSha}`;
  const bare = { start_column: null, end_column: null, title: null, raw_details: null };
  return call.page(annotations.map((one) => ({ ...bare, ...one, blob_href: `${page}/${encodeURI(one.path)}` })));
}
