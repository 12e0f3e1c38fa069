import { expect, test } from "bun:test";
import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/core";
import description from "../../fixture/github/api.json" with { type: "json" };
import { newPrivateKey } from "./credentials.ts";
import { fakeGitHub } from "./fake.ts";
import { routeNames } from "./rest/routes.ts";
import { aSite, privateKey, refusal, silent, site } from "./site.fixture.ts";

test("an App shows its key, finds its installation, and has tokens that last an hour", async () => {
  await using at = await aSite();
  const { github, installation } = at;
  expect((await at.app().request("GET /app")).data).toMatchObject({ id: github.app.id, slug: "wollongong" });
  expect((await at.app().request("GET /app/installations")).data.map(({ id }) => id)).toEqual([installation.id]);
  const octokit = at.asInstallation();
  expect((await octokit.request("GET /repos/{owner}/{repo}", site)).data.full_name).toBe("acme/site");
  await octokit.request("GET /repos/{owner}/{repo}", site);
  expect(github.callsOf("POST /app/installations/{installation_id}/access_tokens")).toHaveLength(1);
  const old = await at.withToken();
  github.expireTokens();
  expect(await refusal(old.request("GET /repos/{owner}/{repo}", site))).toBe(401);
  expect(github.violations).toEqual([]);
});

test("a wrong key, a token of before and a narrowed token get no further than they may", async () => {
  await using at = await aSite();
  const { github, installation, main } = at;
  const stranger = new Octokit({
    baseUrl: github.apiUrl,
    authStrategy: createAppAuth,
    auth: { appId: github.app.id, privateKey: newPrivateKey() },
    log: silent,
  });
  expect(await refusal(stranger.request("GET /app"))).toBe(401);
  const other = await github.createRepository("acme/other", { visibility: "private", files: { a: "1" } });
  const { data } = await at.app().request("POST /app/installations/{installation_id}/access_tokens", {
    installation_id: installation.id,
    repository_ids: [other.id],
    permissions: { contents: "read" },
  });
  const narrow = new Octokit({ baseUrl: github.apiUrl, auth: data.token, log: silent });
  expect(
    (await narrow.request("GET /repos/{owner}/{repo}/contents/{path}", { owner: "acme", repo: "other", path: "a" })).status,
  ).toBe(200);
  const create = { ...site, name: "x", head_sha: main };
  expect(await refusal(narrow.request("POST /repos/{owner}/{repo}/check-runs", create))).toBe(403);
  expect(await refusal(narrow.request("POST /repos/{owner}/{repo}/check-runs", { ...create, repo: "other" }))).toBe(403);
  github.suspendApp(installation);
  expect(await refusal(narrow.request("GET /repos/{owner}/{repo}", { owner: "acme", repo: "other" }))).toBe(403);
  expect(github.violations).toEqual([]);
});

test("checks: a run is made, goes on, ends, and is asked for again", async () => {
  await using at = await aSite();
  const { github, main } = at;
  const octokit = at.asInstallation();
  const suites = await octokit.request("GET /repos/{owner}/{repo}/commits/{ref}/check-suites", {
    ...site,
    ref: main,
    app_id: github.app.id,
  });
  const suite = suites.data.check_suites[0];
  expect(suite).toMatchObject({ head_sha: main, status: "queued" });
  const made = await octokit.request("POST /repos/{owner}/{repo}/check-runs", {
    ...site,
    name: "build",
    head_sha: main,
    external_id: "01J",
    status: "queued",
    output: { title: "Waiting", summary: "soon" },
    actions: [{ identifier: "cancel", label: "Cancel this job", description: "Stops it" }],
  });
  expect(made.data).toMatchObject({ external_id: "01J", check_suite: { id: suite?.id }, status: "queued" });
  const check_run_id = made.data.id;
  const annotation = { path: "a.ts", start_line: 1, end_line: 1, annotation_level: "warning", message: "hm" } as const;
  const update = { ...site, check_run_id, output: { title: "Running", summary: "now", annotations: Array(50).fill(annotation) } };
  await octokit.request("PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", { ...update, status: "in_progress" });
  const done = await octokit.request("PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", {
    ...update,
    status: "completed",
    conclusion: "failure",
  });
  expect(done.data).toMatchObject({ status: "completed", conclusion: "failure", output: { annotations_count: 100 } });
  expect(github.suitesOf(main)[0]).toMatchObject({ status: "completed", conclusion: "failure" });
  const run = github.checkRun(main, "build");
  if (!run) throw new Error("no run");
  github.requestAction(run, "cancel", "ann");
  github.rerequestRun(run, "ann");
  await github.deliveries.idle();
  const told = at.heard.map(({ event, action }) => `${event} ${action}`);
  expect(told).toEqual([
    "check_run created",
    "check_run completed",
    "check_suite completed",
    "check_run requested_action",
    "check_run rerequested",
  ]);
  expect(at.heard[3]?.payload).toMatchObject({ requested_action: { identifier: "cancel" }, sender: { login: "ann" } });
  expect(github.violations).toEqual([]);
});

test("what GitHub would refuse is refused, and noted", async () => {
  await using at = await aSite();
  const { github, main } = at;
  const octokit = at.asInstallation();
  const create = (more: object) =>
    octokit.request("POST /repos/{owner}/{repo}/check-runs", { ...site, name: "x", head_sha: main, ...more });
  expect(await refusal(create({ output: { title: "t", summary: "s".repeat(65536) } }))).toBe(422);
  expect(await refusal(create({ output: { title: "t", summary: "é".repeat(40000) } }))).toBe(422);
  expect(await refusal(create({ conclusion: "broken" }))).toBe(422);
  expect(await refusal(create({ actions: [{ identifier: "x".repeat(21), label: "l", description: "d" }] }))).toBe(422);
  expect(await refusal(create({ surprise: 1 }))).toBe(422);
  expect(await refusal(create({ head_sha: "0".repeat(40) }))).toBe(422);
  expect(await refusal(octokit.request("GET /repos/acme/site/zebras"))).toBe(404);
  expect(github.violations.map((text) => text.split(": ").slice(1).join(": "))).toEqual([
    "body: /output/summary must NOT have more than 65535 characters",
    expect.stringContaining("body: /conclusion must be equal to one of the allowed values"),
    "body: /actions/0/identifier must NOT have more than 20 characters",
    "body: surprise is not known",
    "is not served here",
  ]);
});

test("files at a commit: text, directories, what is not there, what is too large", async () => {
  await using at = await aSite();
  const { github, main } = at;
  const octokit = at.asInstallation();
  const sha = await github.commit("acme/site", "big", { "big.bin": new Uint8Array(1024 * 1024 + 1) });
  const get = (path: string, ref: string) => octokit.request("GET /repos/{owner}/{repo}/contents/{path}", { ...site, path, ref });
  const readme = (await get("README.md", main)).data as { content: string; encoding: string };
  expect(Buffer.from(readme.content, "base64").toString()).toBe("# Site\n");
  expect(((await get("jobs", sha)).data as { path: string; type: string }[]).map(({ path, type }) => [path, type])).toEqual([
    ["jobs/build.sh", "file"],
  ]);
  expect((await get("big.bin", sha)).data).toMatchObject({ encoding: "none", content: "" });
  expect(await refusal(get("big.bin", main))).toBe(404);
  const raw = await octokit.request("GET /repos/{owner}/{repo}/contents/{path}", {
    ...site,
    path: "README.md",
    mediaType: { format: "raw" },
  });
  expect(raw.data as unknown).toBe("# Site\n");
  const { data } = await octokit.request("GET /repos/{owner}/{repo}/compare/{basehead}", { ...site, basehead: `main...big` });
  expect(data).toMatchObject({ status: "ahead", ahead_by: 1, files: [{ filename: "big.bin", status: "added" }] });
  expect((await octokit.request("GET /repos/{owner}/{repo}/branches/{branch}", { ...site, branch: "big" })).data.commit.sha).toBe(
    sha,
  );
  expect(github.violations).toEqual([]);
});

test("lists come in pages that link to each other", async () => {
  await using at = await aSite();
  const { github, main } = at;
  const octokit = at.asInstallation();
  for (const name of ["one", "two", "three"])
    await octokit.request("POST /repos/{owner}/{repo}/check-runs", { ...site, name, head_sha: main });
  const page = (number: number) =>
    octokit.request("GET /repos/{owner}/{repo}/commits/{ref}/check-runs", { ...site, ref: main, per_page: 2, page: number });
  const first = await page(1);
  expect(first.data).toMatchObject({ total_count: 3, check_runs: [{ name: "three" }, { name: "two" }] });
  expect(first.headers.link).toContain(`page=2>; rel="next"`);
  expect((await page(2)).data.check_runs.map(({ name }) => name)).toEqual(["one"]);
  expect(github.violations).toEqual([]);
});

test("what has not changed need not be sent again", async () => {
  await using at = await aSite();
  const octokit = at.asInstallation();
  const { headers } = await octokit.request("GET /repos/{owner}/{repo}", site);
  const again = octokit.request("GET /repos/{owner}/{repo}", { ...site, headers: { "if-none-match": headers.etag ?? "" } });
  expect(await refusal(again)).toBe(304);
});

test("all that is served is described by GitHub, and all that is described is served", () => {
  const described = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = routeNames.filter((name) => !name.endsWith("/public_members/{username}"));
  expect(described.sort()).toEqual(served.sort());
});

test("as GitHub Enterprise, with the API below a prefix", async () => {
  await using enterprise = await fakeGitHub({ privateKey, prefix: "/api/v3" });
  const octokit = new Octokit({
    baseUrl: enterprise.apiUrl,
    authStrategy: createAppAuth,
    auth: { appId: enterprise.app.id, privateKey },
    log: silent,
  });
  expect((await octokit.request("GET /app")).data?.id).toBe(enterprise.app.id);
  expect(enterprise.calls[0]?.path).toBe("/app");
  expect((await fetch(`${enterprise.url}/app`)).status).toBe(404);
});
