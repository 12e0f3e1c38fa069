import { expect, test } from "bun:test";
import { join } from "node:path";
import { silent } from "../../core/common/logger.ts";
import { realWorld } from "../../core/common/world.ts";
import { startGitHub } from "../../scripts/start-github.ts";
import { type TestWollongong, testWollongong, WEBHOOK_SECRET } from "../../wollongong/fixture.ts";
import { PRIVILEGES } from "../../wollongong/setup/core-user.ts";
import { type FakeGitHub, fakeGitHub } from "../fake/github/fake.ts";
import { eventually, withService } from "./service.ts";

const REPO = "acme/app";

const jobFile = (name: string, keys: string[], ...script: string[]) =>
  [
    "#!/bin/bash",
    `#: name = "${name}"`,
    '#: variety = "basic"',
    ...keys.map((key) => `#: ${key}`),
    "set -eu -o pipefail",
    ...script,
    "",
  ].join("\n");

type Parts = { github: FakeGitHub; wollongong: TestWollongong };

/** A repository of acme's on the fake GitHub, its webhooks sent to a Wollongong whose jobs run in sandboxes. */
async function withRepository(visibility: "public" | "private", work: (parts: Parts) => Promise<void>): Promise<void> {
  await withService(async ({ admin }) => {
    await using github = await fakeGitHub({ webhookSecret: WEBHOOK_SECRET });
    const { id: user, token } = await admin.call("user_create", { body: { name: "github" } });
    for (const privilege of PRIVILEGES) await admin.call("user_privilege_grant", { path: { user, privilege } });
    github.createOrganization("acme", { ann: "admin", ben: "member" });
    github.installApp("acme");
    await github.createRepository(REPO, { visibility });
    await using wollongong = await testWollongong({
      privateKey: github.privateKey,
      config: {
        id: github.app.id,
        buildomat: { url: admin.options.url, token },
        github: { api_url: github.apiUrl, web_url: github.url },
      },
    });
    github.deliveries.sendTo(`${wollongong.url}/webhook`);
    await work({ github, wollongong });
    expect(github.violations).toEqual([]);
  });
}

test("a push to a private repository is planned, cloned and built in sandboxes, and shown with its artefacts", async () => {
  await withRepository("private", async ({ github, wollongong }) => {
    const build = jobFile(
      "build",
      ['output_rules = ["=/work/out/hello.log"]'],
      "id -un; git log -1 --format=%s; git symbolic-ref --short HEAD",
      'test "$(git rev-parse HEAD)" = "$GITHUB_SHA"',
      "mkdir /work/out; sh hello.sh | tee /work/out/hello.log",
    );
    const check = jobFile(
      "check",
      ["[dependencies.made]", 'job = "build"'],
      "grep -qx 'hello from acme/app' /input/made/work/out/hello.log",
      "echo nothing else is good enough >&2; exit 7",
    );
    const sha = await github.commit(
      REPO,
      "main",
      {
        ".github/buildomat/config.toml": "enable = true\n",
        ".github/buildomat/jobs/build.sh": build,
        ".github/buildomat/jobs/check.sh": check,
        "hello.sh": 'echo "hello from $GITHUB_REPOSITORY"\n',
      },
      { by: "ben", message: "Say hello" },
    );
    const conclusionOf = (name: string) => github.checkRun(sha, name)?.conclusion;
    await eventually(() => Boolean(conclusionOf("build") && conclusionOf("check")));
    const [made, checked] = [github.checkRun(sha, "build"), github.checkRun(sha, "check")];
    expect([made?.text, conclusionOf("build")]).toEqual([expect.stringContaining("| hello from acme/app"), "success"]);
    expect([checked?.text, conclusionOf("check")]).toEqual([expect.stringContaining("| nothing else is good enough"), "failure"]);
    const link = /\((http:\/\/wollongong\.test\/artefact\/[^)?]*hello\.log)\)/.exec(made?.summary ?? "")?.[1] ?? "none";
    const read = async (address = "") => await (await fetch(address.replace("http://wollongong.test", wollongong.url))).text();
    expect(await read(link)).toBe("hello from acme/app\n");
    const page = await read(made?.detailsUrl ?? "none");
    for (const part of ["Say hello", ">build</td>", ">main</td>", "hello.log</a>"]) expect(page).toContain(part);
    expect(page).not.toContain("ghs_");
    expect(github.calls.filter(({ kind }) => kind === "git").map(({ status }) => status)).toContain(401);
  });
});

test("a pull request from a stranger's fork is cloned at its commit once a member has let it in", async () => {
  await withRepository("public", async ({ github }) => {
    await github.commit(REPO, "main", { ".github/buildomat/config.toml": "enable = true\n" }, { by: "ben" });
    const fork = await github.fork(REPO, github.createUser("mallory"));
    const build = jobFile("build", [], 'test "$(git rev-parse HEAD)" = "$GITHUB_SHA"; git log -1 --format=%s', "cat theirs.txt");
    const files = { ".github/buildomat/jobs/build.sh": build, "theirs.txt": "from the fork\n" };
    const sha = await github.commit(fork, "topic", files, { by: "mallory", message: "Please take this" });
    await github.openPullRequest(REPO, { from: fork, head: "topic", by: "mallory" });
    await eventually(() => github.checkRun(sha, "*control")?.conclusion === "action_required");
    const control = github.checkRun(sha, "*control");
    if (control) github.requestAction(control, "auth", "ben");
    await eventually(() => Boolean(github.checkRun(sha, "build")?.conclusion));
    const run = github.checkRun(sha, "build");
    expect([run?.conclusion, run?.text]).toEqual(["success", expect.stringContaining("| from the fork")]);
    expect(run?.text).toContain("| Please take this");
  });
});

test("the demonstration pushes a commit whose checks succeed, and tells where to look", async () => {
  await withService(async ({ admin, dir }) => {
    const said: string[] = [];
    await using demo = await startGitHub({
      world: realWorld(),
      logger: silent,
      admin,
      data: join(dir, "wollongong"),
      port: 0,
      print: (text) => said.push(text),
    });
    expect(await demo.push()).toBe(0);
    expect(said.slice(-2)).toEqual(["== build: success", "== test: success"]);
    const links = [...said.join("\n").matchAll(/^ {2}(http\S+)/gm)].map(([, link = ""]) => link);
    expect(links.length).toBe(4);
    for (const link of links) expect([link, (await fetch(link)).status]).toEqual([link, 200]);
    const clone = /git clone (\S+)/.exec(said.join("\n"))?.[1] ?? "";
    expect(await Bun.spawn(["git", "clone", "-q", clone, join(dir, "clone")]).exited).toBe(0);
  });
});
