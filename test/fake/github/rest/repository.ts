import { changesBetween, commitInfo, differences, log, mergeBase, revision } from "../git.ts";
import { userShape } from "../shape/account.ts";
import { commitShape, fileShape } from "../shape/commit.ts";
import { pullShape } from "../shape/pull.ts";
import { fullName, wholeRepositoryShape } from "../shape/repository.ts";
import type { PullRequest, Repository } from "../state.ts";
import { type Answer, type Call, notFound, ok, Refusal } from "./call.ts";

export function getUser(call: Call): Answer {
  const account = call.hub.state.account(call.param("username"));
  if (!account) throw notFound();
  return ok(userShape(call.hub.places, account));
}

export const getRepository = (call: Call): Answer =>
  ok(wholeRepositoryShape(call.hub.places, call.repository("metadata", "read")));

export async function getBranch(call: Call): Promise<Answer> {
  const { places } = call.hub;
  const repository = call.repository("contents", "read");
  const name = call.param("branch");
  const dir = call.hub.pathOf(repository);
  const sha = await revision(dir, `refs/heads/${name}`);
  if (!sha) throw new Refusal(404, "Branch not found");
  const self = `${places.api}/repos/${fullName(repository)}/branches/${encodeURIComponent(name)}`;
  return ok({
    name,
    commit: commitShape(places, repository, await commitInfo(dir, sha)),
    _links: { self, html: `${places.web}/${fullName(repository)}/tree/${encodeURIComponent(name)}` },
    protected: false,
    protection: { enabled: false, required_status_checks: { enforcement_level: "off", contexts: [], checks: [] } },
    protection_url: `${self}/protection`,
  });
}

/** The commit that a request names, or the head of the default branch. */
async function commitOf(call: Call, repository: Repository, name: string): Promise<string> {
  const dir = call.hub.pathOf(repository);
  const sha = await revision(dir, name === "" ? "HEAD" : name);
  if (sha) return sha;
  if (!(await revision(dir, "HEAD"))) throw new Refusal(409, "Git Repository is empty.");
  throw new Refusal(404, `No commit found for the ref ${name}`);
}

export async function listCommits(call: Call): Promise<Answer> {
  const repository = call.repository("contents", "read");
  const sha = await commitOf(call, repository, call.query.get("sha") ?? "");
  const options = (["author", "committer", "since", "until"] as const).flatMap((name) => {
    const value = call.query.get(name);
    return value === null ? [] : [`--${name}=${value}`];
  });
  const commits = await log(call.hub.pathOf(repository), sha, options, call.query.get("path") ?? undefined);
  return call.page(commits.map((commit) => commitShape(call.hub.places, repository, commit)));
}

export async function getCommit(call: Call): Promise<Answer> {
  const repository = call.repository("contents", "read");
  const dir = call.hub.pathOf(repository);
  const sha = await revision(dir, call.param("ref"));
  if (!sha) throw new Refusal(422, `No commit found for SHA: ${call.param("ref")}`);
  if (/\bsha\b/.test(call.request.headers.get("accept") ?? ""))
    return { ...ok(sha), headers: { "content-type": "application/vnd.github.sha" } };
  const commit = await commitInfo(dir, sha);
  const files = (await differences(dir, commit.parents[0], sha, true)).map((file) =>
    fileShape(call.hub.places, repository, sha, file),
  );
  const sum = (key: "additions" | "deletions") => files.reduce((total, file) => total + file[key], 0);
  const stats = { additions: sum("additions"), deletions: sum("deletions"), total: sum("additions") + sum("deletions") };
  return ok({ ...commitShape(call.hub.places, repository, commit), stats, files });
}

/** `base...head`, from where they parted. At most 300 files, all on the first page. */
export async function compare(call: Call): Promise<Answer> {
  const { places } = call.hub;
  const repository = call.repository("contents", "read");
  const dir = call.hub.pathOf(repository);
  const [left = "", right = ""] = call.param("basehead").split("...");
  const [base, head] = await Promise.all([revision(dir, left), revision(dir, right)]);
  const parting = base && head && (await mergeBase(dir, base, head));
  if (!base || !head || !parting) throw notFound();
  const [commits, behind, files] = await Promise.all([
    log(dir, head, [`^${base}`, "--reverse"]),
    changesBetween(dir, head, base),
    differences(dir, parting, head, true),
  ]);
  const show = async (sha: string) => commitShape(places, repository, await commitInfo(dir, sha));
  const url = `${places.api}/repos/${fullName(repository)}/compare/${call.param("basehead")}`;
  const page = `${places.web}/${fullName(repository)}/compare/${call.param("basehead")}`;
  const both = { base_commit: await show(base), merge_base_commit: await show(parting) };
  const first = (call.query.get("page") ?? "1") === "1";
  return call.page(
    commits.map((commit) => commitShape(places, repository, commit)),
    (some) => ({
      url,
      html_url: page,
      permalink_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      ...both,
      status: base === head ? "identical" : parting === head ? "behind" : parting === base ? "ahead" : "diverged",
      ahead_by: commits.length,
      behind_by: behind.commits,
      total_commits: commits.length,
      commits: some,
      ...(first ? { files: files.slice(0, 300).map((file) => fileShape(places, repository, head, file)) } : {}),
    }),
  );
}

function pullOf(call: Call): PullRequest {
  const repository = call.repository("pull_requests", "read");
  const pull = call.hub.state.pull(repository, Number(call.param("pull_number")));
  if (!pull) throw notFound();
  return pull;
}

export const getPull = (call: Call): Answer => ok(pullShape(call.hub.places, pullOf(call)));

/** At most 3000 files. */
export async function listPullFiles(call: Call): Promise<Answer> {
  const { base, head } = pullOf(call);
  const dir = call.hub.pathOf(base.repository);
  const files = await differences(dir, await mergeBase(dir, base.sha, head.sha), head.sha, true);
  return call.page(files.slice(0, 3000).map((file) => fileShape(call.hub.places, base.repository, head.sha, file)));
}
