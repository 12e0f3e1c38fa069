import { describe, expect, test } from "bun:test";
import { realWorld } from "../../core/common/world.ts";
import { PERMISSIONS } from "../../test/fake/github/fake.ts";
import { aScene, jobFile, jobPath, POLICY, REPO, type Scene, until } from "../scene.fixture.ts";

/** A pull request from a fork of somebody who is not a member. */
async function fromFork({ github }: Scene, by = "mallory", files: Record<string, string> = { "b.txt": "1" }) {
  const fork = await github.fork(REPO, github.createUser(by));
  const sha = await github.commit(fork, "topic", files, { by });
  const pull = await github.openPullRequest(REPO, { from: fork, head: "topic", by, draft: true });
  return { fork, sha, pull };
}

const notes = ({ wollongong }: Scene) =>
  wollongong.wo.db
    .query<{ note: string }, []>("SELECT note FROM delivery")
    .all()
    .map(({ note }) => note);

describe("a pull request of an outsider", () => {
  test("waits for a member's approval, and runs then, once: its next commit waits again", async () => {
    await using scene = await aScene();
    const { fork, sha } = await fromFork(scene);
    await scene.shows(sha, { "*control": "action_required" });
    expect(scene.text(sha, "*control")).toContain("`mallory` is not a member");
    const control = scene.github.checkRun(sha, "*control");
    expect(control?.actions).toEqual([{ identifier: "auth", label: "Authorise", description: "Allow this plan to proceed" }]);
    if (control) scene.github.requestAction(control, "auth", "ben");
    await scene.shows(sha, { "*control": "success", build: "success" });
    expect(scene.text(sha, "*control")).toContain("`ben`");
    expect(scene.github.checkRun(sha, "*control")?.id).not.toBe(control?.id);
    const next = await scene.github.commit(fork, "topic", { "b.txt": "2" }, { by: "mallory" });
    await scene.shows(next, { "*control": "action_required" });
    expect(scene.machines.ran).toEqual(["build"]);
    expect(scene.github.violations).toEqual([]);
  });

  test("is not approved by another outsider, even one whose own changes are let in, who is told", async () => {
    await using scene = await aScene({ policy: 'enable = true\nallow_users = ["eve", "Mallory"]\n' });
    const { sha } = await fromFork(scene);
    await scene.shows(sha, { "*control": "action_required" });
    const control = scene.github.checkRun(sha, "*control");
    scene.github.addCollaborator(REPO, scene.github.createUser("eve"));
    if (control) scene.github.requestAction(control, "auth", "eve");
    await until(() => scene.text(sha, "*control").includes("`eve` pressed Authorise, but is not a member"));
    expect(scene.checks(sha)).toEqual({ "*control": "action_required" });
    expect(scene.machines.ran).toEqual([]);
  });

  test("whose approval was in hand when the server ended is approved by the next one", async () => {
    const cut = Promise.withResolvers<never>();
    let asked = 0;
    const real = realWorld();
    const world = {
      ...real,
      fetch: (...[url, init]: Parameters<typeof real.fetch>) =>
        url.endsWith("/orgs/acme/members/ben") && asked++ === 0 ? cut.promise : real.fetch(url, init),
    };
    await using scene = await aScene({ world });
    const { sha } = await fromFork(scene);
    await scene.shows(sha, { "*control": "action_required" });
    const control = scene.github.checkRun(sha, "*control");
    if (control) scene.github.requestAction(control, "auth", "ben");
    await until(() => asked > 0);
    const restarted = scene.restart();
    cut.reject(new Error("the connection is cut"));
    await restarted;
    await scene.shows(sha, { "*control": "success", build: "success" });
  });

  test("runs at once where the policy lets everyone, or that user", async () => {
    await using open = await aScene({ policy: "enable = true\norg_only = false\n" });
    const first = await fromFork(open);
    await open.shows(first.sha, { "*control": "success", build: "success" });
    await using listed = await aScene({ policy: 'enable = true\nallow_users = ["mallory"]\n' });
    const second = await fromFork(listed);
    await listed.shows(second.sha, { "*control": "success", build: "success" });
  });

  test("has its plan from its own commit, and no branch", async () => {
    await using scene = await aScene({ policy: "enable = true\norg_only = false\n" });
    let env: Record<string, string> = {};
    let clone: string | undefined;
    scene.machines.deeds.set("theirs", async (machine) => {
      clone = machine.job.tasks.find(({ name }) => name === "clone repository")?.env["CLONE_URL"];
      env = machine.job.tasks.at(-1)?.env ?? {};
      await machine.complete();
    });
    const { sha } = await fromFork(scene, "mallory", { ".github/buildomat/jobs/theirs.sh": jobFile("theirs") });
    await scene.shows(sha, { "*control": "success", build: "success", theirs: "success" });
    expect(env).toMatchObject({ GITHUB_REPOSITORY: REPO, GITHUB_SHA: sha });
    expect(clone).toBe(`${scene.github.url}/${REPO}`);
    expect(env).not.toHaveProperty("GITHUB_BRANCH");
  });
});

describe("a change is admitted for the sake of", () => {
  test("whoever pushed its commit, though a stranger opens the pull request", async () => {
    await using scene = await aScene();
    const sha = await scene.push({ "a.txt": "1" }, { branch: "topic", by: "ben" });
    await scene.github.openPullRequest(REPO, { head: "topic", by: "mallory" });
    await scene.shows(sha, { "*control": "success", build: "success" });
    expect(scene.text(sha, "*control")).toContain("`ben`");
  });

  test("a member who opens a pull request of what a stranger pushed", async () => {
    await using scene = await aScene();
    scene.github.addCollaborator(REPO, scene.github.createUser("eve"));
    const sha = await scene.push({ "a.txt": "1" }, { branch: "topic", by: "eve" });
    await scene.shows(sha, { "*control": "action_required" });
    await scene.github.openPullRequest(REPO, { head: "topic", by: "ben" });
    await scene.shows(sha, { "*control": "success", build: "success" });
    expect(scene.text(sha, "*control")).toContain("`ben`");
  });

  test("the person whose account it is, who has no members to be asked for", async () => {
    await using scene = await aScene({ config: { allow_owners: ["acme", "carol"] } });
    const { github } = scene;
    github.createUser("carol");
    github.installApp("carol");
    const files = { [POLICY]: "enable = true\n", [jobPath("build")]: jobFile("build") };
    const own = await github.createRepository("carol/own", { files });
    const sha = await github.commit(own, "main", { "a.txt": "1" }, { by: "carol" });
    await scene.shows(sha, { "*control": "success", build: "success" });
    github.addCollaborator(own, github.createUser("eve"));
    const theirs = await github.commit(own, "main", { "a.txt": "2" }, { by: "eve" });
    await scene.shows(theirs, { "*control": "action_required" });
    const control = github.checkRun(theirs, "*control");
    if (control) github.requestAction(control, "auth", "carol");
    await scene.shows(theirs, { "*control": "success", build: "success" });
    expect(github.calls.filter(({ kind }) => kind.includes("/members/"))).toEqual([]);
  });
});

test("suites of other Apps for the same commit are not taken for ours", async () => {
  await using scene = await aScene({ policy: "enable = true\norg_only = false\n" });
  const fork = await scene.github.fork(REPO, scene.github.createUser("mallory"));
  const sha = await scene.github.commit(fork, "topic", { "b.txt": "1" }, { by: "mallory" });
  const { deliveries } = scene.github;
  deliveries.treat = ({ event }) => (event === "pull_request" ? "hold" : "send");
  await scene.github.openPullRequest(REPO, { from: fork, head: "topic", by: "mallory" });
  const foreign = await scene.github.requestForeignSuite(REPO, sha);
  await deliveries.release();
  await scene.shows(sha, { "*control": "success", build: "success" });
  const own = scene.github
    .suitesOf(sha)
    .find(({ appId, repository }) => appId === scene.github.app.id && repository === scene.github.repository(REPO));
  const known = scene.wollongong.wo.db.query<{ github_id: number }, []>("SELECT github_id FROM check_suite").all();
  expect(known).toEqual([{ github_id: own?.id ?? 0 }]);
  expect(own).not.toBe(foreign);
});

describe("a membership that GitHub does not show", () => {
  test("as the App may not see members, counts as none: somebody can still be let in by name", async () => {
    await using scene = await aScene({ config: { allow_owners: ["acme", "beta"] } });
    const { github } = scene;
    github.createOrganization("beta", { cleo: "member" });
    const { members: _, ...permissions } = PERMISSIONS;
    github.installApp("beta", { permissions });
    const files = { [POLICY]: 'enable = true\nallow_users = ["dan"]\n', [jobPath("build")]: jobFile("build") };
    const repository = await github.createRepository("beta/app", { files });
    const sha = await github.commit(repository, "main", { "a.txt": "1" }, { by: "cleo" });
    await scene.shows(sha, { "*control": "action_required" });
    const named = await github.commit(repository, "main", { "a.txt": "2" }, { by: "dan" });
    await scene.shows(named, { "*control": "success", build: "success" });
    expect(github.calls.some(({ kind, status }) => kind.includes("/members/") && status === 302)).toBe(true);
  });
});

describe("a membership that GitHub cannot tell now", () => {
  test("is asked again, and never taken for a no", async () => {
    await using scene = await aScene();
    scene.github.faults.add("GET /orgs/acme/members/*", { status: 502 }, 4);
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "success" });
    expect(scene.github.faults.left).toBe(0);
  });
});

describe("a pull request within the repository", () => {
  test("shares the suite of the push that brought its commit", async () => {
    await using scene = await aScene();
    const sha = await scene.push({ "a.txt": "1" }, { branch: "topic" });
    await scene.github.openPullRequest(REPO, { head: "topic", by: "ben" });
    await scene.shows(sha, { "*control": "success", build: "success" });
    await until(() => notes(scene).filter((note) => note?.startsWith("suite ")).length === 2);
    expect(scene.machines.ran).toEqual(["build"]);
    expect(scene.github.suitesOf(sha)).toHaveLength(1);
  });

  test("may come before the suite that GitHub makes for its push", async () => {
    await using scene = await aScene();
    scene.github.deliveries.treat = ({ event }) => (event === "check_suite" || event === "pull_request" ? "hold" : "send");
    const sha = await scene.push({ "a.txt": "1" }, { branch: "topic" });
    await scene.github.openPullRequest(REPO, { head: "topic", by: "ben" });
    await scene.github.deliveries.release(...scene.github.deliveries.held.toReversed());
    await scene.shows(sha, { "*control": "success", build: "success" });
    expect(scene.machines.ran).toEqual(["build"]);
  });
});

describe("cancel_superseded", () => {
  const jobs = { build: jobFile("build", "cancel_superseded = true"), slow: jobFile("slow") };

  test("ends what runs for an older commit of the same branch, of those jobs alone", async () => {
    await using scene = await aScene({ jobs });
    const started = Promise.withResolvers<void>();
    const free = Promise.withResolvers<void>();
    scene.machines.deeds.set("build", async (machine) => {
      await machine.print("working");
      started.resolve();
      await free.promise;
      await machine.complete();
    });
    scene.machines.deeds.set("slow", async (machine) => {
      await free.promise;
      await machine.complete();
    });
    const old = await scene.push({ "a.txt": "1" });
    await started.promise;
    const other = await scene.push({ "c.txt": "1" }, { branch: "other" });
    const sha = await scene.push({ "a.txt": "2" });
    await scene.shows(old, { "*control": "success", build: "cancelled", slow: "in_progress" });
    expect(scene.text(old, "build")).toContain(sha.slice(0, 12));
    free.resolve();
    await scene.shows(old, { "*control": "success", build: "cancelled", slow: "success" });
    await scene.shows(sha, { "*control": "success", build: "success", slow: "success" });
    await scene.shows(other, { "*control": "success", build: "success", slow: "success" });
  });

  test("ends what runs for a pull request that is closed", async () => {
    await using scene = await aScene({ jobs });
    const free = Promise.withResolvers<void>();
    for (const name of ["build", "slow"])
      scene.machines.deeds.set(name, async (machine) => {
        await free.promise;
        await machine.complete();
      });
    const sha = await scene.push({ "a.txt": "1" }, { branch: "topic" });
    const pull = await scene.github.openPullRequest(REPO, { head: "topic", by: "ben" });
    await scene.shows(sha, { "*control": "success", build: "in_progress", slow: "in_progress" });
    scene.github.closePullRequest(pull);
    await scene.shows(sha, { "*control": "success", build: "cancelled", slow: "in_progress" });
    free.resolve();
    await scene.shows(sha, { "*control": "success", build: "cancelled", slow: "success" });
  });
});

test("a merge queue is checked without anybody's approval", async () => {
  await using scene = await aScene();
  scene.github.removeMember("acme", "ben");
  const sha = await scene.push({ "a.txt": "1" }, { branch: "topic", by: "ann" });
  const pull = await scene.github.openPullRequest(REPO, { head: "topic", by: "ann" });
  await scene.shows(sha, { "*control": "success", build: "success" });
  const group = await scene.github.enqueue(pull, "ann");
  await scene.shows(group.sha, { "*control": "success", build: "success" });
  expect(scene.text(group.sha, "*control")).toContain("merge queue");
});
