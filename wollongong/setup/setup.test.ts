import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/core";
import { Client } from "../../core/client/client.ts";
import { readConfig } from "../../core/common/config.ts";
import { realWorld } from "../../core/common/world.ts";
import { ADMIN_TOKEN, type TestServer, testServer } from "../../core/fixture.ts";
import {
  type FakeGitHub,
  fakeGitHub,
  EVENTS as KNOWN_EVENTS,
  PERMISSIONS as KNOWN_PERMISSIONS,
} from "../../test/fake/github/fake.ts";
import { Config } from "../config.ts";
import { PRIVILEGES } from "./core-user.ts";
import { EVENTS, PERMISSIONS } from "./manifest.ts";

/** As if a proxy led from there to the set-up. */
const BASE = "http://wollongong.test";

interface Surroundings {
  github: FakeGitHub;
  core: TestServer;
  dir: string;
}

async function withSurroundings(work: (around: Surroundings) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "setup-"));
  await using github = await fakeGitHub();
  await using core = await testServer();
  try {
    await work({ github, core, dir });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function setUp({ github, core, dir }: Surroundings, answers: string[], ...more: string[]) {
  const options = [
    "--dir",
    dir,
    "--listen",
    "127.0.0.1:0",
    "--web-url",
    github.url,
    "--api-url",
    github.apiUrl,
    "--core-url",
    core.url,
  ];
  return Bun.spawn([process.execPath, resolve("scripts/setup-github.ts"), ...options, ...more], {
    stdin: new Blob([answers.map((answer) => `${answer}\n`).join("")]),
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** Reads on until something is printed. */
async function printed(output: ReadableStream<Uint8Array>, wanted: RegExp): Promise<string> {
  let text = "";
  for await (const piece of output.values({ preventCancel: true })) {
    text += new TextDecoder().decode(piece);
    if (wanted.test(text)) return text;
  }
  throw new Error(`it ended: ${text}`);
}

/** Does in a browser what the set-up says, and agrees on GitHub. @returns what it was asked to agree to */
async function agree(program: ReturnType<typeof setUp>): Promise<{ action: string; manifest: unknown; agreed: string }> {
  const text = await printed(program.stdout, /listening on .*\)/);
  const here = `http://${/listening on ([\d.:]+)/.exec(text)?.[1]}`;
  const start = /http:\/\/wollongong\.test(\/__setup\?key=\w{64})/.exec(text)?.[1] ?? "";
  expect((await fetch(`${here}/__setup`)).status).toBe(404);
  const page = await (await fetch(here + start)).text();
  const unescaped = (html = "") => html.replaceAll("&quot;", '"').replaceAll("&#x27;", "'").replaceAll("&amp;", "&");
  const action = unescaped(/action="([^"]*)"/.exec(page)?.[1]);
  const manifest = unescaped(/value="([^"]*)"/.exec(page)?.[1]);
  const agreed = await (await fetch(action, { method: "POST", body: new URLSearchParams({ manifest }) })).text();
  const back = unescaped(/href="([^"]*__setup[^"]*)"/.exec(agreed)?.[1]).replace(BASE, here);
  const forged = new URL(back);
  forged.searchParams.set("state", "x".repeat(64));
  expect((await fetch(forged)).status).toBe(403);
  expect((await fetch(back)).status).toBe(200);
  return { action, manifest: JSON.parse(manifest) as unknown, agreed };
}

test("the App and its user are made, and all is written down for the server", async () => {
  await withSurroundings(async (around) => {
    const { github, core, dir } = around;
    const program = setUp(around, [`${BASE}/`, ADMIN_TOKEN]);
    expect((await agree(program)).manifest).toMatchObject({
      url: BASE,
      hook_attributes: { url: `${BASE}/webhook` },
      redirect_url: `${BASE}/__setup/callback`,
      public: false,
    });
    expect([await program.exited, await new Response(program.stderr).text()]).toEqual([0, ""]);

    const [file, key] = [join(dir, "etc/app.toml"), join(dir, "etc/privkey.pem")];
    for (const path of [file, key]) expect(statSync(path).mode & 0o777).toBe(0o600);
    const config = readConfig(Config, file);
    expect(config).toMatchObject({
      id: github.app.id,
      webhook_secret: github.webhookSecret,
      base_url: BASE,
      confroot: ".github/buildomat",
      allow_owners: ["maker"],
      github: { api_url: github.apiUrl, web_url: github.url },
    });
    const privateKey = readFileSync(key, "utf8");
    const auth = { appId: config.id, privateKey };
    const octokit = new Octokit({ baseUrl: github.apiUrl, authStrategy: createAppAuth, auth });
    expect((await octokit.request("GET /app")).data?.slug).toBe(github.app.slug);
    const { name, privileges } = await new Client({ world: realWorld(), ...config.buildomat })
      .call("whoami", {})
      .then(async ({ id }) => {
        return await core.admin.call("user_get", { path: { user: id } });
      });
    expect(name).toMatch(/^github-\w{8}$/);
    expect([...privileges].sort()).toEqual([...PRIVILEGES].sort());

    const again = setUp(around, []);
    expect([await again.exited, await new Response(again.stderr).text()]).toEqual([
      1,
      expect.stringContaining("is there already"),
    ]);
    expect(readFileSync(key, "utf8")).toBe(privateKey);
    expect(github.violations).toEqual([]);
  });
});

test("the App of an organisation is proposed on its own page, by one of its owners", async () => {
  await withSurroundings(async (around) => {
    const { github, dir } = around;
    github.createOrganization("acme", { maker: "admin" });
    const program = setUp(around, [BASE, ADMIN_TOKEN], "--org", "acme", "--name", "Acme's CI");
    const { action, manifest, agreed } = await agree(program);
    expect(action).toMatch(new RegExp(`^${github.url}/organizations/acme/settings/apps/new\\?state=\\w{64}$`));
    expect(manifest).toMatchObject({ name: "Acme's CI" });
    expect(agreed).toContain("Create GitHub App for acme");
    const rest = await printed(program.stdout, /\/installations\n$/);
    expect([await program.exited, await new Response(program.stderr).text()]).toEqual([0, ""]);
    expect(rest).toContain("allow_owners names whose repositories are served: acme\n");
    expect(rest).toEndWith(`  ${github.url}/organizations/acme/settings/apps/acme-s-ci/installations\n`);
    expect(readConfig(Config, join(dir, "etc/app.toml")).allow_owners).toEqual(["acme"]);
    expect(github.app.owner.login).toBe("acme");
    expect(github.violations).toEqual([]);
  });
});

test("a core that does not take the token, and an address that is none, are told before there is an App", async () => {
  await withSurroundings(async (around) => {
    const wrong = setUp(around, [BASE, "not-the-token"]);
    expect([await wrong.exited, await new Response(wrong.stderr).text()]).toEqual([
      1,
      expect.stringContaining("does not take this token"),
    ]);
    const odd = setUp(around, ["ci.example.com"]);
    expect([await odd.exited, await new Response(odd.stderr).text()]).toEqual([
      2,
      expect.stringContaining("does not begin with http"),
    ]);
    const silent = setUp(around, []);
    expect([await silent.exited, await new Response(silent.stderr).text()]).toEqual([
      1,
      expect.stringContaining("there is no answer"),
    ]);
  });
});

test("what is asked of GitHub is what tests give", () => {
  expect<unknown>([PERMISSIONS, EVENTS]).toEqual([KNOWN_PERMISSIONS, KNOWN_EVENTS]);
});
