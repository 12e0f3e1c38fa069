import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/core";
import { Webhooks } from "@octokit/webhooks";
import description from "../../fixture/github/api.json" with { type: "json" };
import { newPrivateKey } from "./credentials.ts";
import { type FakeGitHub, type FakeOptions, fakeGitHub } from "./fake.ts";
import { gitEnvironment } from "./git.ts";
import { routeNames } from "./rest/routes.ts";
import type { Installation } from "./state.ts";

const privateKey = newPrivateKey();
let github: FakeGitHub;
let installation: Installation;
let main: string;
let clock = Date.now();

/** What the App heard: event, action, payload, and whether its signature was right. */
interface Heard {
  event: string;
  action: string | undefined;
  good: boolean;
  payload: Record<string, never>;
}
let heard: Heard[] = [];
let webhookStatus = 200;
const listener = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: async (request) => {
    const body = await request.text();
    const good = await new Webhooks({ secret: github.webhookSecret }).verify(
      body,
      request.headers.get("x-hub-signature-256") ?? "",
    );
    const payload = JSON.parse(body) as Heard["payload"];
    heard.push({ event: request.headers.get("x-github-event") ?? "", action: payload["action"], good, payload });
    return new Response("null", { status: webhookStatus });
  },
});

async function start(options: FakeOptions = {}): Promise<void> {
  github = await fakeGitHub({ privateKey, now: () => clock, webhookUrl: listener.url.href, ...options });
  github.createOrganization("acme", { ann: "admin", ben: "member" });
  installation = github.installApp("acme");
  await github.createRepository("acme/site", {
    files: { "README.md": "# Site\n", "jobs/build.sh": { content: "#!/bin/bash\n", exec: true } },
  });
  main = await github.head("acme/site");
  await github.deliveries.idle();
  heard = [];
}

beforeAll(() => {
  clock = Date.now();
});

beforeEach(async () => {
  await github?.close();
  webhookStatus = 200;
  await start();
});

afterAll(async () => {
  await github.close();
  await listener.stop(true);
});

/** As Wollongong speaks to GitHub. */
function app(installationId?: number): Octokit {
  const auth = { appId: github.app.id, privateKey, ...(installationId === undefined ? {} : { installationId }) };
  return new Octokit({ baseUrl: github.apiUrl, authStrategy: createAppAuth, auth, log: silent });
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const site = { owner: "acme", repo: "site" };
const asApp = () => app(installation.id);

/** With a token and nothing more: octokit's App asks again for seconds when a new token is refused. */
async function withToken(): Promise<Octokit> {
  const { data } = await app().request("POST /app/installations/{installation_id}/access_tokens", {
    installation_id: installation.id,
  });
  return new Octokit({ baseUrl: github.apiUrl, auth: data.token, log: silent });
}

/** The status that a call is refused with. */
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 0,
    (error: { status?: number }) => error.status ?? -1,
  );

async function git(...args: string[]): Promise<{ code: number; out: string }> {
  const child = Bun.spawn(["git", ...args], { env: gitEnvironment, stdout: "pipe", stderr: "pipe" });
  const [out, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, out: (out + errors).trim() };
}

test("an App shows its key, finds its installation, and has tokens that last an hour", async () => {
  expect((await app().request("GET /app")).data).toMatchObject({ id: github.app.id, slug: "wollongong" });
  expect((await app().request("GET /app/installations")).data.map(({ id }) => id)).toEqual([installation.id]);
  const octokit = asApp();
  expect((await octokit.request("GET /repos/{owner}/{repo}", site)).data.full_name).toBe("acme/site");
  await octokit.request("GET /repos/{owner}/{repo}", site);
  expect(github.callsOf("POST /app/installations/{installation_id}/access_tokens")).toHaveLength(1);
  const old = await withToken();
  github.expireTokens();
  expect(await refusal(old.request("GET /repos/{owner}/{repo}", site))).toBe(401);
  expect(github.violations).toEqual([]);
});

test("a wrong key, a token of before and a narrowed token get no further than they may", async () => {
  const stranger = new Octokit({
    baseUrl: github.apiUrl,
    authStrategy: createAppAuth,
    auth: { appId: github.app.id, privateKey: newPrivateKey() },
    log: silent,
  });
  expect(await refusal(stranger.request("GET /app"))).toBe(401);
  const other = await github.createRepository("acme/other", { visibility: "private", files: { a: "1" } });
  const { data } = await app().request("POST /app/installations/{installation_id}/access_tokens", {
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

test("a push is told of, with a check suite for it; members and outsiders are told apart", async () => {
  const sha = await github.commit("acme/site", "main", { "a.txt": "a", "README.md": null }, { by: "ben", message: "More" });
  await github.deliveries.idle();
  expect(heard.map(({ event, action, good }) => [event, action, good])).toEqual([
    ["push", undefined, true],
    ["check_suite", "requested", true],
  ]);
  expect(heard[0]?.payload).toMatchObject({
    ref: "refs/heads/main",
    before: main,
    after: sha,
    head_commit: { id: sha, added: ["a.txt"], removed: ["README.md"] },
    sender: { login: "ben" },
  });
  expect(heard[1]?.payload).toMatchObject({ check_suite: { head_sha: sha, head_branch: "main", app: { id: github.app.id } } });
  const octokit = asApp();
  const member = (username: string) => octokit.request("GET /orgs/{org}/members/{username}", { org: "acme", username });
  expect(Number((await member("ben")).status)).toBe(204);
  github.createUser("eve");
  expect(await refusal(member("eve"))).toBe(404);
  expect(github.violations).toEqual([]);
});

test("checks: a run is made, goes on, ends, and is asked for again", async () => {
  const octokit = asApp();
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
  const told = heard.map(({ event, action }) => `${event} ${action}`);
  expect(told).toEqual([
    "check_run created",
    "check_run completed",
    "check_suite completed",
    "check_run requested_action",
    "check_run rerequested",
  ]);
  expect(heard[3]?.payload).toMatchObject({ requested_action: { identifier: "cancel" }, sender: { login: "ann" } });
  expect(github.violations).toEqual([]);
});

test("what GitHub would refuse is refused, and noted", async () => {
  const octokit = asApp();
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
  const octokit = asApp();
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
  const octokit = asApp();
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

test("git clones and pushes over HTTP, each as it may; what is pushed is told of", async () => {
  const scratch = mkdtempSync(join(tmpdir(), "clone-"));
  try {
    const clone = join(scratch, "site");
    expect(await git("clone", "--quiet", github.cloneUrl("acme/site"), clone)).toEqual({ code: 0, out: "" });
    expect(await Bun.file(join(clone, "README.md")).text()).toBe("# Site\n");
    github.setVisibility("acme/site", "private");
    expect((await git("-C", clone, "fetch")).code).not.toBe(0);
    const { data } = await app().request("POST /app/installations/{installation_id}/access_tokens", {
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
    heard = [];
    expect(await push(github.cloneUrl("acme/site", "ann"))).toEqual({ code: 0, out: "" });
    await github.deliveries.idle();
    expect(heard.map(({ event }) => event)).toEqual(["push", "check_suite"]);
    expect(heard[0]?.payload).toMatchObject({ before: main, sender: { login: "ann" }, head_commit: { message: "by hand" } });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  expect(github.violations).toEqual([]);
});

test("a pull request from a fork: its commit is in the base repository, its suite is made on request", async () => {
  await github.fork("acme/site", "eve");
  const sha = await github.commit("eve/site", "fix", { "fix.txt": "x" });
  const pull = await github.openPullRequest("acme/site", { from: "eve/site", head: "fix", by: "eve" });
  const octokit = asApp();
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
  expect(heard.map(({ event, action }) => [event, action])).toEqual([
    ["pull_request", "opened"],
    ["pull_request", "synchronize"],
    ["pull_request", "labeled"],
    ["push", undefined],
    ["check_suite", "requested"],
    ["pull_request", "closed"],
  ]);
  expect(heard[1]?.payload).toMatchObject({ before: sha, after: next });
  expect(heard[5]?.payload).toMatchObject({ pull_request: { merged: true, merged_by: { login: "ann" } } });
  expect(github.violations).toEqual([]);
});

test("a merge queue asks for checks of the merged commit", async () => {
  const sha = await github.commit("acme/site", "fix", { "fix.txt": "x" });
  const pull = await github.openPullRequest("acme/site", { head: "fix", by: "ben" });
  const group = await github.enqueue(pull);
  await github.dequeue(group, "merged");
  await github.deliveries.idle();
  const of = heard.find(({ action }) => action === "checks_requested")?.payload;
  expect(of).toMatchObject({ merge_group: { head_sha: group.sha, base_sha: main, base_ref: "refs/heads/main" } });
  expect(await github.head("acme/site")).toBe(group.sha);
  expect(sha).not.toBe(group.sha);
  expect(github.violations).toEqual([]);
});

test("deliveries can be dropped, doubled, held and reordered, and sent again", async () => {
  github.deliveries.treat = ({ event }) => (event === "push" ? "double" : "drop");
  await github.commit("acme/site", "main", { a: "1" });
  await github.deliveries.idle();
  expect(heard.map(({ event }) => event)).toEqual(["push", "push"]);
  heard = [];
  github.deliveries.treat = () => "hold";
  await github.commit("acme/site", "main", { a: "2" });
  await github.deliveries.idle();
  expect(heard).toEqual([]);
  await github.deliveries.release(...github.deliveries.held.reverse());
  expect(heard.map(({ event }) => event)).toEqual(["check_suite", "push"]);
  github.deliveries.treat = () => "send";
  webhookStatus = 500;
  await github.commit("acme/site", "main", { a: "3" });
  await github.deliveries.idle();
  const failed = await app().request("GET /app/hook/deliveries", { status: "failure" });
  expect(failed.data.map(({ event, status_code }) => [event, status_code])).toEqual([
    ["check_suite", 500],
    ["push", 500],
  ]);
  webhookStatus = 200;
  await app().request("POST /app/hook/deliveries/{delivery_id}/attempts", { delivery_id: Number(failed.data[0]?.id) });
  const [again] = (await app().request("GET /app/hook/deliveries", { per_page: 1 })).data;
  expect(again).toMatchObject({ guid: failed.data[0]?.guid ?? "", redelivery: true, status_code: 200 });
  expect(github.violations).toEqual([]);
});

test("faults on demand: HTML with 5xx, limits, cut connections, what was done all the same", async () => {
  const octokit = asApp();
  const get = () => octokit.request("GET /repos/{owner}/{repo}", site);
  await get();
  github.faults.add("GET /repos/*", { status: 502 });
  expect(await refusal(get())).toBe(502);
  github.faults.add("GET /repos/*", { limit: "primary", seconds: 30 });
  const limited = await get().catch((error: { status: number; response: { headers: Record<string, string> } }) => error);
  expect(limited).toMatchObject({ status: 403, response: { headers: { "x-ratelimit-remaining": "0" } } });
  github.faults.add("GET /repos/*", { limit: "secondary", seconds: 7, status: 429 });
  expect(await get().catch((error: unknown) => error)).toMatchObject({
    status: 429,
    response: { headers: { "retry-after": "7" } },
  });
  const create = (name: string) => octokit.request("POST /repos/{owner}/{repo}/check-runs", { ...site, name, head_sha: main });
  github.faults.add("POST *", { cut: "before" });
  await expect(create("never")).rejects.toThrow();
  github.faults.add("POST *", { cut: "after" });
  await expect(create("lost")).rejects.toThrow();
  github.faults.add("POST *", { status: 500, after: true });
  expect(await refusal(create("late"))).toBe(500);
  expect(github.checkRunsOf(main).map(({ name }) => name)).toEqual(["lost", "late"]);
  expect(github.callsOf("POST /repos/{owner}/{repo}/check-runs").map(({ status }) => status)).toEqual([0, 0, 500]);
  github.rateLimit = 10;
  let left = 1;
  while (left > 0) left = Number((await get()).headers["x-ratelimit-remaining"]);
  expect(await refusal(get())).toBe(403);
  expect([github.faults.left, github.violations]).toEqual([0, []]);
});

test("the life of an installation and of a repository", async () => {
  const octokit = await withToken();
  github.renameRepository("acme/site", "page");
  expect((await octokit.request("GET /repos/{owner}/{repo}", site)).data.full_name).toBe("acme/page");
  github.setVisibility("acme/page", "private");
  github.createUser("zoe");
  github.installApp("zoe");
  github.transferRepository("acme/page", "zoe");
  github.suspendApp(installation);
  github.unsuspendApp(installation);
  github.acceptPermissions(installation, { checks: "write", contents: "read" });
  const other = await github.createRepository("acme/other");
  github.chooseRepositories(installation, { added: [other] });
  github.deleteRepository(other);
  github.uninstallApp(installation);
  github.renameAccount("zoe", "zoé-2");
  await github.deliveries.idle();
  expect(heard.map(({ event, action }) => `${event} ${action}`)).toEqual([
    "repository renamed",
    "repository privatized",
    "installation created",
    "repository transferred",
    "installation suspend",
    "installation unsuspend",
    "installation new_permissions_accepted",
    "installation_repositories added",
    "installation deleted",
    "installation_target renamed",
  ]);
  expect(await refusal(octokit.request("GET /installation/repositories"))).toBe(401);
  expect(github.violations).toEqual([]);
});

test("all that is served is described by GitHub, and all that is described is served", () => {
  const described = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = routeNames.filter((name) => !name.endsWith("/public_members/{username}"));
  expect(described.sort()).toEqual(served.sort());
});

test("as GitHub Enterprise, with the API below a prefix", async () => {
  await using enterprise = await fakeGitHub({ privateKey, prefix: "/api/v3", now: () => clock });
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

test("people see commits with their checks, and press buttons", async () => {
  const octokit = asApp();
  const details_url = "https://ci.example.com/details/1";
  const { data: made } = await octokit.request("POST /repos/{owner}/{repo}/check-runs", {
    ...site,
    name: "<b>build</b>",
    head_sha: main,
    details_url,
    actions: [{ identifier: "cancel", label: "Cancel", description: "Stops it" }],
  });
  const see = async (path: string) => await (await fetch(github.url + path)).text();
  expect(await see("/")).toContain('<a href="/acme/site">acme/site</a>');
  const text = await see("/acme/site");
  for (const part of [main.slice(0, 7), "&lt;b&gt;build&lt;/b&gt;", details_url, "Initial commit"]) expect(text).toContain(part);
  expect(text).not.toContain("<b>build");
  expect(await see(new URL(made.html_url ?? "").pathname)).toContain("queued");
  expect((await fetch(`${github.url}/acme/nothing`)).status).toBe(404);
  const press = async (path: string, fields: Record<string, string> = {}, origin = github.url) => {
    const body = new URLSearchParams(fields);
    return (await fetch(github.url + path, { method: "POST", redirect: "manual", headers: { origin }, body })).status;
  };
  expect(await press(`/acme/site/runs/${made.id}/action`, { identifier: "cancel" }, "https://evil.example")).toBe(403);
  expect(await press(`/acme/site/runs/${made.id}/action`, { identifier: "nothing" })).toBe(422);
  expect(await press(`/acme/site/runs/${made.id}/action`, { identifier: "cancel" })).toBe(303);
  expect(await press(`/acme/site/suites/${made.check_suite?.id}/rerequest`)).toBe(303);
  expect(await press("/acme/site/push", { branch: "new", path: "a.txt", content: "hello", by: "ben" })).toBe(303);
  expect(await press("/acme/site/pull", { head: "new" })).toBe(303);
  await github.deliveries.idle();
  expect(heard.map(({ event, action }) => `${event} ${action}`)).toEqual([
    "check_run created",
    "check_run requested_action",
    "check_suite rerequested",
    "create undefined",
    "push undefined",
    "check_suite requested",
    "pull_request opened",
  ]);
  expect(await see("/acme/site/pull/1")).toContain("new");
  expect(github.violations).toEqual([]);
});

test("an App is made from a manifest", async () => {
  const manifest = {
    name: "Our CI",
    url: "https://ci.example.com",
    hook_attributes: { url: listener.url.href },
    redirect_url: "https://ci.example.com/callback",
    public: false,
    default_permissions: { checks: "write", metadata: "read" },
    default_events: ["check_run"],
  };
  const body = new URLSearchParams({ manifest: JSON.stringify(manifest) });
  const page = await (await fetch(`${github.url}/settings/apps/new?state=abc`, { method: "POST", body })).text();
  const code = /callback\?code=(\w+)&amp;state=abc/.exec(page)?.[1] ?? "";
  const anyone = new Octokit({ baseUrl: github.apiUrl, log: silent });
  const convert = () => anyone.request("POST /app-manifests/{code}/conversions", { code });
  const { data } = await convert();
  expect(data).toMatchObject({ slug: "our-ci", owner: { login: "maker" }, webhook_secret: github.webhookSecret });
  const own = new Octokit({
    baseUrl: github.apiUrl,
    authStrategy: createAppAuth,
    auth: { appId: data.id, privateKey: data.pem },
    log: silent,
  });
  expect((await own.request("GET /app")).data?.slug).toBe("our-ci");
  expect(await refusal(convert())).toBe(404);
  expect(github.violations).toEqual([]);
});
