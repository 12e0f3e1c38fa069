import { expect, test } from "bun:test";
import { aSite, refusal, site } from "./site.fixture.ts";

test("a push is told of, with a check suite for it; members and outsiders are told apart", async () => {
  await using at = await aSite();
  const { github, main } = at;
  const sha = await github.commit("acme/site", "main", { "a.txt": "a", "README.md": null }, { by: "ben", message: "More" });
  await github.deliveries.idle();
  expect(at.heard.map(({ event, action, good }) => [event, action, good])).toEqual([
    ["push", undefined, true],
    ["check_suite", "requested", true],
  ]);
  expect(at.heard[0]?.payload).toMatchObject({
    ref: "refs/heads/main",
    before: main,
    after: sha,
    head_commit: { id: sha, added: ["a.txt"], removed: ["README.md"] },
    sender: { login: "ben" },
  });
  expect(at.heard[1]?.payload).toMatchObject({ check_suite: { head_sha: sha, head_branch: "main", app: { id: github.app.id } } });
  const octokit = at.asInstallation();
  const member = (username: string) => octokit.request("GET /orgs/{org}/members/{username}", { org: "acme", username });
  expect(Number((await member("ben")).status)).toBe(204);
  github.createUser("eve");
  expect(await refusal(member("eve"))).toBe(404);
  expect(github.violations).toEqual([]);
});

test("an App hears what it asked for, where it is installed, and of the suites of others", async () => {
  await using at = await aSite();
  const { github, main, installation } = at;
  const foreign = await github.requestForeignSuite("acme/site", main);
  expect(await at.told()).toEqual(["check_suite requested"]);
  expect(at.heard[0]?.payload).toMatchObject({ check_suite: { id: foreign.id, app: { id: 99 } } });
  const { data } = await at
    .asInstallation()
    .request("GET /repos/{owner}/{repo}/commits/{ref}/check-suites", { ...site, ref: main });
  expect(data.check_suites.map(({ app }) => app?.id)).toEqual([github.app.id, 99]);
  github.chooseRepositories(installation, { added: [] });
  await github.commit("acme/site", "main", { a: "1" });
  github.acceptPermissions(installation, { metadata: "read", contents: "read" }, ["push", "check_suite"]);
  github.chooseRepositories(installation, { added: ["acme/site"] });
  await github.commit("acme/site", "main", { a: "2" });
  expect((await at.told()).slice(1)).toEqual([
    "installation new_permissions_accepted",
    "installation_repositories added",
    "push",
  ]);
  expect(github.violations).toEqual([]);
});

test("the life of an installation and of a repository", async () => {
  await using at = await aSite();
  const { github, installation } = at;
  const octokit = await at.withToken();
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
  expect(await at.told()).toEqual([
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

test("a suspended App hears nothing of repositories and gets no tokens, and a removed one is not known", async () => {
  await using at = await aSite();
  const { github, installation } = at;
  github.suspendApp(installation, "ann");
  await github.commit("acme/site", "main", { a: "1" });
  expect(await at.told()).toEqual(["installation suspend"]);
  expect(at.heard[0]?.payload).toMatchObject({ installation: { suspended_by: { login: "ann" } }, sender: { login: "ann" } });
  expect(await refusal(at.token())).toBe(403);
  github.unsuspendApp(installation);
  const sha = await github.commit("acme/site", "main", { a: "2" });
  expect((await at.told()).slice(1)).toEqual(["installation unsuspend", "push", "check_suite requested"]);
  expect(at.heard[2]?.payload).toMatchObject({ after: sha, installation: { id: installation.id } });
  await at.token();
  github.uninstallApp(installation);
  await github.commit("acme/site", "main", { a: "3" });
  expect((await at.told()).slice(4)).toEqual(["installation deleted"]);
  expect(await refusal(at.token())).toBe(404);
  expect(github.violations).toEqual([]);
});

test("deliveries can be dropped, doubled, held and reordered, and sent again", async () => {
  await using at = await aSite();
  const { github } = at;
  github.deliveries.treat = ({ event }) => (event === "push" ? "double" : "drop");
  await github.commit("acme/site", "main", { a: "1" });
  await github.deliveries.idle();
  expect(at.heard.map(({ event }) => event)).toEqual(["push", "push"]);
  at.heard = [];
  github.deliveries.treat = () => "hold";
  await github.commit("acme/site", "main", { a: "2" });
  await github.deliveries.idle();
  expect(at.heard).toEqual([]);
  await github.deliveries.release(...github.deliveries.held.reverse());
  expect(at.heard.map(({ event }) => event)).toEqual(["check_suite", "push"]);
  github.deliveries.treat = () => "send";
  at.webhookStatus = 500;
  await github.commit("acme/site", "main", { a: "3" });
  await github.deliveries.idle();
  const failed = await at.app().request("GET /app/hook/deliveries", { status: "failure" });
  expect(failed.data.map(({ event, status_code }) => [event, status_code])).toEqual([
    ["check_suite", 500],
    ["push", 500],
  ]);
  at.webhookStatus = 200;
  await at.app().request("POST /app/hook/deliveries/{delivery_id}/attempts", { delivery_id: Number(failed.data[0]?.id) });
  const [again] = (await at.app().request("GET /app/hook/deliveries", { per_page: 1 })).data;
  expect(again).toMatchObject({ guid: failed.data[0]?.guid ?? "", redelivery: true, status_code: 200 });
  expect(github.violations).toEqual([]);
});
