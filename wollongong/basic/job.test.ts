import { describe, expect, test } from "bun:test";
import { aScene, jobFile, REPO, type Scene, until } from "../scene.fixture.ts";
import { setSecret } from "../secret/secrets.ts";

const REPOSITORY = (scene: Scene) => scene.github.repository(REPO);
const OWNER = (scene: Scene) => scene.github.account("acme").id;

describe("what a job publishes", () => {
  const published = jobFile(
    "build",
    'output_rules = ["/out/*"]',
    "[[publish]]",
    'from_output = "/out/app"',
    'series = "app"',
    'name = "app.bin"',
  );

  test("is there for everyone once it has succeeded, and stays what it was", async () => {
    await using scene = await aScene({ jobs: { build: published } });
    let tries = 0;
    scene.machines.deeds.set("build", async (machine) => {
      await machine.output("/out/app", `bytes ${++tries}`);
      await machine.complete();
    });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "success" });
    const path = `/public/file/acme/app/app/${sha}/app.bin`;
    expect(scene.text(sha, "build")).toContain(path);
    expect(await (await fetch(scene.wollongong.url + path)).text()).toBe("bytes 1");
    const run = scene.github.checkRun(sha, "build");
    if (run) scene.github.rerequestRun(run, "ann");
    await until(() => scene.text(sha, "build").includes("another file was published at this address before"));
    expect(await (await fetch(scene.wollongong.url + path)).text()).toBe("bytes 1");
  });

  test("is not published when it fails, unless it says always", async () => {
    const always = jobFile(
      "always",
      'output_rules = ["/out/*"]',
      "[[publish]]",
      'from_output = "/out/app"',
      'series = "app"',
      'name = "always.bin"',
      "always = true",
    );
    await using scene = await aScene({ jobs: { build: published, always } });
    for (const name of ["build", "always"])
      scene.machines.deeds.set(name, async (machine) => {
        await machine.output("/out/app", name);
        await machine.complete(true);
      });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "failure", always: "failure" });
    const at = (name: string) => fetch(`${scene.wollongong.url}/public/file/acme/app/app/${sha}/${name}`);
    expect((await at("app.bin")).status).toBe(404);
    expect(await (await at("always.bin")).text()).toBe("always");
  });

  test("that is not there is told", async () => {
    await using scene = await aScene({ jobs: { build: published } });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "success" });
    expect(scene.text(sha, "build")).toContain("there is no output `/out/app`");
  });
});

describe("the secrets of a repository", () => {
  const job = jobFile("build", 'secrets = ["DEPLOY_KEY", "SHARED"]');

  /** Runs a push or a pull request, and tells what the job's store has. */
  async function storeOf(scene: Scene, begin: () => Promise<string>): Promise<Record<string, { secret: boolean }>> {
    scene.machines.deeds.set("build", async (machine) => {
      await machine.given("GITHUB_TOKEN");
      await machine.complete();
    });
    const sha = await begin();
    await scene.shows(sha, { "*control": "success", build: "success" });
    const [done] = await scene.core.admin.call("admin_jobs_get", { query: { completed: 1 } });
    return await scene.wollongong.wo.coreOf(REPOSITORY(scene).id).call("job_store_get_all", { path: { job: done?.id ?? "" } });
  }

  test("are given to a job of its own branches that names them, as secrets; the repository's before its owner's", async () => {
    await using scene = await aScene({ jobs: { build: job } });
    const repo = REPOSITORY(scene).id;
    await setSecret(scene.wollongong.wo, { owner: OWNER(scene), repo }, "DEPLOY_KEY", "the repository's");
    await setSecret(scene.wollongong.wo, { owner: OWNER(scene), repo: 0 }, "DEPLOY_KEY", "the owner's");
    await setSecret(scene.wollongong.wo, { owner: OWNER(scene), repo: 0 }, "SHARED", "shared value");
    await setSecret(scene.wollongong.wo, { owner: OWNER(scene), repo }, "UNASKED", "not asked for");
    let given: string[] = [];
    scene.machines.deeds.set("build", (machine) => machine.complete());
    const store = await storeOf(scene, async () => {
      scene.machines.deeds.set("build", async (machine) => {
        given = [await machine.given("DEPLOY_KEY"), await machine.given("SHARED")];
        await machine.given("GITHUB_TOKEN");
        await machine.complete();
      });
      return await scene.push({ "a.txt": "1" });
    });
    expect(given).toEqual(["the repository's", "shared value"]);
    expect(Object.keys(store).toSorted()).toEqual(["DEPLOY_KEY", "GITHUB_TOKEN", "SHARED"]);
    expect(Object.values(store).every(({ secret }) => secret)).toBe(true);
    const { value } = scene.wollongong.wo.db.query<{ value: string }, []>("SELECT value FROM secret").get() ?? {};
    expect(Buffer.from(value ?? "", "base64").includes("value")).toBe(false);
    const [sha = ""] = scene.github.suitesOf(await scene.github.head(REPO)).map(({ headSha }) => headSha);
    expect(scene.text(sha, "build")).not.toContain("is not given");
  });

  test("that are not set are told of once, also when the server is restarted meanwhile", async () => {
    await using scene = await aScene({ jobs: { build: job } });
    await setSecret(scene.wollongong.wo, { owner: OWNER(scene), repo: 0 }, "SHARED", "shared value");
    const free = Promise.withResolvers<void>();
    scene.machines.deeds.set("build", async (machine) => {
      await machine.given("SHARED");
      await free.promise;
      await machine.complete();
    });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "in_progress" });
    const missing = "The job is not given the secret `DEPLOY_KEY`: not set for this repository or its owner.";
    expect(scene.text(sha, "build")).toContain(missing);
    await scene.restart();
    free.resolve();
    await scene.shows(sha, { "*control": "success", build: "success" });
    expect(scene.text(sha, "build").split("is not given")).toHaveLength(2);
    expect(scene.text(sha, "build")).toContain(missing);
  });

  test("are not given to a fork's, which nobody has approved", async () => {
    await using scene = await aScene({ jobs: { build: job }, policy: "enable = true\norg_only = false\n" });
    await setSecret(scene.wollongong.wo, { owner: OWNER(scene), repo: 0 }, "SHARED", "shared value");
    let head = "";
    const store = await storeOf(scene, async () => {
      const fork = await scene.github.fork(REPO, scene.github.createUser("mallory"));
      const sha = await scene.github.commit(fork, "topic", { "b.txt": "1" }, { by: "mallory" });
      await scene.github.openPullRequest(REPO, { from: fork, head: "topic", by: "mallory" });
      head = sha;
      return sha;
    });
    expect(Object.keys(store)).toEqual(["GITHUB_TOKEN"]);
    expect(scene.text(head, "build")).toContain(
      "The job is not given the secrets `DEPLOY_KEY`, `SHARED`: nobody has approved this commit, which is on no branch of the repository.",
    );
  });

  test.each(["", "with-dash", "GITHUB_TOKEN", "x".repeat(257)])("cannot be called %p", async (name) => {
    await using scene = await aScene();
    await expect(setSecret(scene.wollongong.wo, { owner: 1, repo: 0 }, name, "value").catch(String)).resolves.toContain(
      "cannot be called",
    );
  });
});

describe("access_repos", () => {
  const job = jobFile("build", 'access_repos = ["acme/lib"]');

  test("lets the job's token read them too", async () => {
    await using scene = await aScene({ jobs: { build: job } });
    await scene.github.createRepository("acme/lib", { visibility: "private", files: { "lib.txt": "lib" } });
    let status = 0;
    scene.machines.deeds.set("build", async (machine) => {
      const authorization = `Bearer ${await machine.given("GITHUB_TOKEN")}`;
      status = (await fetch(`${scene.github.apiUrl}/repos/acme/lib/contents/lib.txt`, { headers: { authorization } })).status;
      await machine.complete();
    });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "success" });
    expect(status).toBe(200);
  });

  test("of a change that nobody has admitted waits for approval, also where the policy lets everyone", async () => {
    await using scene = await aScene({ jobs: { build: job }, policy: "enable = true\norg_only = false\n" });
    await scene.github.createRepository("acme/lib", { visibility: "private", files: { "lib.txt": "lib" } });
    const fork = await scene.github.fork(REPO, scene.github.createUser("mallory"));
    const sha = await scene.github.commit(fork, "topic", { "b.txt": "1" }, { by: "mallory" });
    await scene.github.openPullRequest(REPO, { from: fork, head: "topic", by: "mallory" });
    await scene.shows(sha, { "*control": "success", build: "action_required" });
    const run = scene.github.checkRun(sha, "build");
    if (run) scene.github.requestAction(run, "auth", "ben");
    await scene.shows(sha, { "*control": "success", build: "success" });
  });

  test("that is approved begins these jobs anew, with what depends on them, and leaves the others alone", async () => {
    const after = jobFile("after", "[dependencies.build]", 'job = "build"');
    await using scene = await aScene({
      jobs: { build: job, after, slow: jobFile("slow") },
      policy: "enable = true\norg_only = false\n",
    });
    await scene.github.createRepository("acme/lib", { visibility: "private" });
    const free = Promise.withResolvers<void>();
    scene.machines.deeds.set("slow", async (machine) => {
      await free.promise;
      await machine.complete();
    });
    const fork = await scene.github.fork(REPO, scene.github.createUser("mallory"));
    const sha = await scene.github.commit(fork, "topic", { "b.txt": "1" }, { by: "mallory" });
    await scene.github.openPullRequest(REPO, { from: fork, head: "topic", by: "mallory" });
    const asked = { "*control": "success", build: "action_required", after: "action_required", slow: "in_progress" };
    await scene.shows(sha, asked);
    const run = scene.github.checkRun(sha, "build");
    scene.github.addCollaborator(REPO, scene.github.createUser("eve"));
    if (run) scene.github.requestAction(run, "auth", "eve");
    await until(() => scene.text(sha, "build").includes("`eve` pressed Authorise, but is not a member"));
    expect(scene.checks(sha)).toEqual(asked);
    if (run) scene.github.requestAction(run, "auth", "ben");
    await scene.shows(sha, { "*control": "success", build: "success", after: "success", slow: "in_progress" });
    free.resolve();
    await scene.shows(sha, { "*control": "success", build: "success", after: "success", slow: "success" });
    expect(scene.machines.ran.toSorted()).toEqual(["after", "build", "slow"]);
  });

  test("of a member's change needs no approval, also where the policy lets everyone; its token reads nothing else, and writes nothing", async () => {
    await using scene = await aScene({
      jobs: { build: job },
      policy: "enable = true\norg_only = false\n",
      visibility: "private",
    });
    for (const name of ["acme/lib", "acme/other"])
      await scene.github.createRepository(name, { visibility: "private", files: { "a.txt": "a" } });
    const seen: number[] = [];
    scene.machines.deeds.set("build", async (machine) => {
      const headers = { authorization: `Bearer ${await machine.given("GITHUB_TOKEN")}` };
      const { apiUrl } = scene.github;
      for (const repository of [REPO, "acme/lib", "acme/other"])
        seen.push((await fetch(`${apiUrl}/repos/${repository}/contents`, { headers })).status);
      const body = JSON.stringify({ name: "x", head_sha: machine.job.tasks.at(-1)?.env["GITHUB_SHA"] });
      seen.push((await fetch(`${apiUrl}/repos/${REPO}/check-runs`, { method: "POST", headers, body })).status);
      await machine.complete();
    });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "success" });
    expect(seen).toEqual([200, 200, 404, 403]);
  });

  test.each([
    ["acme/nothing", "there is no repository"],
    ["other/lib", "`other/lib` has another owner"],
  ])("that names %s fails with the reason", async (name, reason) => {
    await using scene = await aScene({ jobs: { build: jobFile("build", `access_repos = ["${name}"]`) } });
    await scene.github.createRepository("other/lib", { visibility: "public" });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "failure" });
    expect(scene.text(sha, "build")).toContain(reason);
  });
});

describe("rust_toolchain = true", () => {
  test.each<[string, Record<string, string>, string, string]>([
    ["takes the channel from the commit", { "rust-toolchain.toml": '[toolchain]\nchannel = "1.90"\n' }, "success", ""],
    ["fails without the file", {}, "failure", "rust-toolchain.toml"],
    ["fails with a path in it", { "rust-toolchain.toml": '[toolchain]\npath = "/x"\n' }, "failure", "path"],
  ])("%s", async (_, files, conclusion, text) => {
    await using scene = await aScene({ jobs: { build: jobFile("build", "rust_toolchain = true") } });
    let env: Record<string, string> = {};
    scene.machines.deeds.set("build", async (machine) => {
      env = machine.job.tasks.find(({ name }) => name === "rust-toolchain")?.env ?? {};
      await machine.complete();
    });
    const sha = await scene.push({ "a.txt": "1", ...files });
    await scene.shows(sha, { "*control": "success", build: conclusion });
    expect(scene.text(sha, "build")).toContain(text);
    if (conclusion === "success") expect(env["TC_CHANNEL"]).toBe("1.90");
  });
});
