import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aSite, git, site } from "./site.fixture.ts";

test("git clones and pushes over HTTP, each as it may; what is pushed is told of", async () => {
  await using at = await aSite();
  const { github, installation, main } = at;
  const scratch = mkdtempSync(join(tmpdir(), "clone-"));
  try {
    const clone = join(scratch, "site");
    expect(await git("clone", "--quiet", github.cloneUrl("acme/site"), clone)).toEqual({ code: 0, out: "" });
    expect(await Bun.file(join(clone, "README.md")).text()).toBe("# Site\n");
    github.setVisibility("acme/site", "private");
    expect((await git("-C", clone, "fetch")).code).not.toBe(0);
    const { data } = await at.app().request("POST /app/installations/{installation_id}/access_tokens", {
      installation_id: installation.id,
    });
    const asToken = github.cloneUrl("acme/site").replace("://", `://x-access-token:${data.token}@`);
    expect((await git("-C", clone, "fetch", asToken)).code).toBe(0);
    const identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"];
    await git("-C", clone, ...identity, "commit", "--allow-empty", "--quiet", "-m", "by hand");
    github.createUser("eve");
    const push = (url: string) => git("-C", clone, "push", "--quiet", url, "HEAD:main");
    expect((await push(asToken)).code).not.toBe(0);
    expect((await push(github.cloneUrl("acme/site", "eve"))).code).not.toBe(0);
    await github.deliveries.idle();
    at.heard = [];
    expect(await push(github.cloneUrl("acme/site", "ann"))).toEqual({ code: 0, out: "" });
    await github.deliveries.idle();
    expect(at.heard.map(({ event }) => event)).toEqual(["push", "check_suite"]);
    expect(at.heard[0]?.payload).toMatchObject({ before: main, sender: { login: "ann" }, head_commit: { message: "by hand" } });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  expect(github.violations).toEqual([]);
});

test("a pull request from a fork: its commit is in the base repository, its suite is made on request", async () => {
  await using at = await aSite();
  const { github } = at;
  await github.fork("acme/site", "eve");
  const sha = await github.commit("eve/site", "fix", { "fix.txt": "x" });
  const pull = await github.openPullRequest("acme/site", { from: "eve/site", head: "fix", by: "eve" });
  const octokit = at.asInstallation();
  const { data: shown } = await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", {
    ...site,
    pull_number: pull.number,
  });
  expect(shown).toMatchObject({ head: { sha, label: "eve:fix" }, commits: 1, changed_files: 1 });
  const { data: files } = await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}/files", {
    ...site,
    pull_number: pull.number,
  });
  expect(files).toMatchObject([
    { filename: "fix.txt", status: "added", patch: "@@ -0,0 +1 @@\n+x\n\\ No newline at end of file" },
  ]);
  const make = () => octokit.request("POST /repos/{owner}/{repo}/check-suites", { ...site, head_sha: sha });
  const made = await make();
  expect([made.status, (await make()).data.id]).toEqual([201, made.data.id]);
  const next = await github.commit("eve/site", "fix", { "fix.txt": "y" });
  github.labelPullRequest(pull, "urgent");
  await github.mergePullRequest(pull, "ann");
  await github.deliveries.idle();
  expect(at.heard.map(({ event, action }) => [event, action])).toEqual([
    ["pull_request", "opened"],
    ["pull_request", "synchronize"],
    ["pull_request", "labeled"],
    ["push", undefined],
    ["check_suite", "requested"],
    ["pull_request", "closed"],
  ]);
  expect(at.heard[1]?.payload).toMatchObject({ before: sha, after: next });
  expect(at.heard[5]?.payload).toMatchObject({ pull_request: { merged: true, merged_by: { login: "ann" } } });
  expect(github.violations).toEqual([]);
});

test("a fork's commit can be fetched from the base repository; a deleted fork leaves its pull request behind", async () => {
  await using at = await aSite();
  const { github } = at;
  await github.fork("acme/site", "eve");
  const sha = await github.commit("eve/site", "fix", { "fix.txt": "x" });
  await github.openPullRequest("acme/site", { from: "eve/site", head: "fix", by: "eve" });
  const scratch = mkdtempSync(join(tmpdir(), "clone-"));
  try {
    await git("clone", "--quiet", github.cloneUrl("acme/site"), scratch);
    expect(await git("-C", scratch, "fetch", "--quiet", "origin", sha)).toEqual({ code: 0, out: "" });
    expect((await git("-C", scratch, "rev-parse", "FETCH_HEAD")).out).toBe(sha);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  github.deleteRepository("eve/site");
  const { data } = await at
    .asInstallation()
    .request("GET /repos/{owner}/{repo}/pulls/{pull_number}", { ...site, pull_number: 1 });
  expect(data.head).toMatchObject({ repo: null, sha });
  expect(github.violations).toEqual([]);
});

test("commits at the same time build on each other", async () => {
  await using at = await aSite();
  const { github, main } = at;
  const shas = await Promise.all(["a", "b", "c"].map((name) => github.commit("acme/site", "main", { [name]: name })));
  const { data } = await at.asInstallation().request("GET /repos/{owner}/{repo}/commits", { ...site, per_page: 4 });
  expect(data.map(({ sha }) => sha)).toEqual([...shas.reverse(), main]);
});

test("a merge queue asks for checks of the merged commit, and tells how it ended", async () => {
  await using at = await aSite();
  const { github, main } = at;
  const sha = await github.commit("acme/site", "fix", { "fix.txt": "x" });
  const pull = await github.openPullRequest("acme/site", { head: "fix", by: "ben" });
  await github.deliveries.idle();
  at.heard = [];
  const first = await github.enqueue(pull);
  const branch = first.ref.replace("refs/heads/", "");
  await github.dequeue(first, "invalidated");
  expect(await at.told()).toEqual([
    "pull_request enqueued",
    "create",
    "push",
    "check_suite requested",
    "merge_group checks_requested",
    "merge_group destroyed",
    "delete",
    "push",
  ]);
  expect(at.heard[3]?.payload).toMatchObject({ check_suite: { head_sha: first.sha, head_branch: branch } });
  expect(at.heard[4]?.payload).toMatchObject({
    merge_group: { head_sha: first.sha, head_ref: first.ref, base_sha: main, base_ref: "refs/heads/main" },
  });
  expect(at.heard[5]?.payload).toMatchObject({ reason: "invalidated" });
  expect(await github.head("acme/site")).toBe(main);
  const group = await github.enqueue(pull);
  await github.dequeue(group, "merged");
  await github.deliveries.idle();
  expect(at.heard.findLast(({ event }) => event === "pull_request")?.payload).toMatchObject({
    action: "closed",
    pull_request: { merged: true, merge_commit_sha: group.sha },
  });
  expect(await github.head("acme/site")).toBe(group.sha);
  expect(sha).not.toBe(group.sha);
  expect(github.violations).toEqual([]);
});
