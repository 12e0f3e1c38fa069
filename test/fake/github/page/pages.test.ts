import { expect, test } from "bun:test";
import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/core";
import { aSite, refusal, silent, site } from "../site.fixture.ts";

test("people see commits with their checks, and press buttons", async () => {
  await using at = await aSite();
  const { github, main } = at;
  const octokit = at.asInstallation();
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
  const nowhere = await fetch(`${github.url}/acme/nothing`);
  expect(nowhere.status).toBe(404);
  expect(nowhere.headers.get("content-security-policy")).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self';/,
  );
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
  expect(await at.told()).toEqual([
    "check_run created",
    "check_run requested_action",
    "check_suite rerequested",
    "create",
    "push",
    "check_suite requested",
    "pull_request opened",
  ]);
  expect(at.heard[1]?.payload["sender"]).toMatchObject({ login: "ann" });
  expect(await see("/acme/site")).toContain('<a href="/acme/site/pull/1">#1</a> Merge new');
  expect(await see("/acme/site/pull/1")).toContain("new");
  expect(github.violations).toEqual([]);
});

test("an App is made from a manifest", async () => {
  await using at = await aSite();
  const { github } = at;
  const manifest = {
    name: "Our CI",
    url: "https://ci.example.com",
    hook_attributes: { url: at.webhookUrl },
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

test("an App of an organisation can be made by its owners alone", async () => {
  await using at = await aSite();
  const { github } = at;
  const manifest = {
    name: "Their CI",
    url: "https://ci.example.com",
    hook_attributes: { url: at.webhookUrl },
    redirect_url: "https://ci.example.com/callback",
    public: false,
    default_permissions: { metadata: "read" },
    default_events: [],
  };
  const propose = (organization: string) =>
    fetch(`${github.url}/organizations/${organization}/settings/apps/new?state=abc`, {
      method: "POST",
      body: new URLSearchParams({ manifest: JSON.stringify(manifest) }),
    });
  github.createOrganization("ours", { maker: "admin" });
  github.createOrganization("theirs", { maker: "member" });
  for (const other of ["theirs", "nobody", "maker"]) expect((await propose(other)).status).toBe(404);
  const page = await propose("ours");
  const code = /callback\?code=(\w+)&amp;state=abc/.exec(await page.text())?.[1] ?? "";
  const anyone = new Octokit({ baseUrl: github.apiUrl, log: silent });
  const { data } = await anyone.request("POST /app-manifests/{code}/conversions", { code });
  expect(data).toMatchObject({ slug: "their-ci", owner: { login: "ours", type: "Organization" } });
  expect(github.violations).toEqual([]);
});
