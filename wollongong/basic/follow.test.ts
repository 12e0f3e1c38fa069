import { describe, expect, test } from "bun:test";
import { aScene, jobFile, type Scene, until } from "../scene.fixture.ts";

const textOf = ({ github }: Scene, sha: string, name = "build") => github.checkRun(sha, name)?.text ?? "";

describe("the log on a check run", () => {
  test("tells by its first characters where each line comes from, without colours, and that there is more to come", async () => {
    await using scene = await aScene();
    const free = Promise.withResolvers<void>();
    const long = "é".repeat(91);
    scene.machines.deeds.set("build", async (machine) => {
      await machine.say(
        ["stdout", "\x1b[31mred\x1b[0m"],
        ["stderr", "two"],
        ["console", "three"],
        ["panic", "four"],
        ["worker", long],
        ["stdout", long],
        ["bg.web.stdout", "not shown"],
        ["other", "five"],
      );
      await free.promise;
      await machine.complete();
    });
    const sha = await scene.push({ "a.txt": "1" });
    await until(() => textOf(scene, sha).includes("other: five"));
    const shown = ["| red", "| two", "|C| three", "|!| four", `|W| ${long}`, `| ${"é".repeat(90)} [...]`, "other: five"];
    expect(textOf(scene, sha)).toContain(shown.join("\n"));
    expect(textOf(scene, sha)).toEndWith("\n...\n```");
    expect(textOf(scene, sha)).not.toContain("not shown");
    free.resolve();
    await scene.shows(sha, { "*control": "success", build: "success" });
    expect(textOf(scene, sha)).not.toEndWith("\n...\n```");
  });

  test("has its last twenty lines to the very end, and the control lines of before, group by group", async () => {
    await using scene = await aScene();
    scene.machines.deeds.set("build", async (machine) => {
      await machine.say(["other", "a1"], ["stdout", "gone"], ["other", "a2"], ["more", "b1"]);
      await machine.print(...Array.from({ length: 2500 }, (_, i) => `line ${i + 1}`));
      await machine.complete();
    });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "success" });
    const text = textOf(scene, sha);
    expect(text).toContain("other: a1\nother: a2\n...\nmore: b1\n...\n| line ");
    expect(text).toContain("| line 2499\n| line 2500\n");
    expect(text).not.toContain("gone");
    const [last = ""] = text
      .replace(/\n```$/, "")
      .split("\n...\n")
      .slice(-1);
    expect(last.split("\n")).toHaveLength(20);
  });

  test("is cut where GitHub takes no more, and never inside a character", async () => {
    await using scene = await aScene();
    scene.machines.deeds.set("build", async (machine) => {
      for (let i = 0; i < 20; i++) await machine.say(["worker", "€".repeat(2000)]);
      await machine.complete();
    });
    const sha = await scene.push({ "a.txt": "1" });
    await scene.shows(sha, { "*control": "success", build: "success" });
    expect(Buffer.byteLength(textOf(scene, sha))).toBeLessThanOrEqual(65_535);
    expect(textOf(scene, sha)).toMatch(/€\n\n\(cut: it is too long for GitHub\)$/);
    expect(scene.github.violations).toEqual([]);
  });
});

test("of many outputs the first twenty-five are listed, with their sizes and links", async () => {
  await using scene = await aScene();
  const sizes = { a: 1024, b: 1536, c: 2.5 * 2 ** 20 };
  scene.machines.deeds.set("build", async (machine) => {
    for (const [name, size] of Object.entries(sizes)) await machine.output(`/out/${name} #1.log.2`, "x".repeat(size));
    await Promise.all(Array.from({ length: 24 }, (_, i) => machine.output(`/out/z${i}`, "x")));
    await machine.complete();
  });
  const sha = await scene.push({ "a.txt": "1" });
  await scene.shows(sha, { "*control": "success", build: "success" });
  const lines = (scene.github.checkRun(sha, "build")?.summary ?? "").split("\n").filter((line) => line.startsWith("- "));
  expect(lines).toHaveLength(26);
  expect(lines.at(-1)).toBe("- and 2 more");
  for (const [i, size] of ["1024B", "1.50KiB", "2.50MiB"].entries()) {
    const line = lines.find((one) => one.includes(`\`/out/${"abc"[i]} #1.log.2\``));
    expect(line).toContain(`/${"abc"[i]}%20%231.log.2) (${size}) [[rendered]](`);
    expect(line).toEndWith("%231.log.2?format=x-bunyan)");
  }
  expect(lines.filter((line) => line.includes("[rendered]"))).toHaveLength(3);
});

test("a job that waits says for what, can be cancelled and has nothing that is secret", async () => {
  const jobs = {
    build: jobFile("build", 'target = "idle"'),
    after: jobFile("after", "[dependencies.build]", 'job = "build"'),
  };
  await using scene = await aScene({ jobs });
  await scene.core.admin.call("target_create", { body: { name: "idle", desc: "nobody serves it" } });
  const sha = await scene.push({ "a.txt": "1" });
  const title = (name: string) => scene.github.checkRun(sha, name)?.title;
  await until(() => title("build") === "Waiting to execute" && title("after") === "Waiting for dependencies");
  const core = scene.wollongong.wo.coreOf(scene.github.repository("acme/app").id);
  const waiting = await scene.core.admin.call("admin_jobs_get", { query: { active: true } });
  expect(waiting.map(({ state, target }) => [state, target]).toSorted()).toEqual([
    ["queued", "idle"],
    ["waiting", "default"],
  ]);
  for (const { id } of waiting) expect(await core.call("job_store_get_all", { path: { job: id } })).toEqual({});
  for (const name of ["build", "after"]) {
    const run = scene.github.checkRun(sha, name);
    expect([run?.status, ...(run?.actions ?? []).map(({ identifier }) => identifier)]).toEqual([
      "queued",
      "cancel",
      "cancel_all",
    ]);
  }
  const run = scene.github.checkRun(sha, "after");
  if (run) scene.github.requestAction(run, "cancel_all", "ann");
  await scene.shows(sha, { "*control": "success", build: "cancelled", after: "cancelled" });
  expect(scene.machines.ran).toEqual([]);
});

test("a job is its repository's, whatever that is called, tells all that is known of it, and gives the run its times", async () => {
  await using scene = await aScene();
  const repository = scene.github.repository("acme/app");
  const newest = async () => (await scene.core.admin.call("admin_jobs_get", { query: { completed: 1 } }))[0];
  const owner = async (id = "") => (await scene.core.admin.call("user_get", { path: { user: id } })).name;
  const sha = await scene.push({ "a.txt": "1" });
  await scene.shows(sha, { "*control": "success", build: "success" });
  const [job, run, [suite]] = [await newest(), scene.github.checkRun(sha, "build"), scene.github.suitesOf(sha)];
  expect(await owner(job?.owner)).toBe(`gong-${repository.id}`);
  const { "gong.suite.id": suiteId, "gong.run.github_id": githubId, ...tags } = job?.tags ?? {};
  expect(suiteId).toMatch(/^[0-9A-Z]{26}$/);
  expect([undefined, String(run?.id)]).toContain(githubId);
  expect(tags).toEqual({
    "gong.name": "build",
    "gong.variety": "basic",
    "gong.repo.owner": "acme",
    "gong.repo.name": "app",
    "gong.repo.id": String(repository.id),
    "gong.run.id": run?.externalId ?? "",
    "gong.suite.github_id": String(suite?.id),
    "gong.head.sha": sha,
    "gong.head.branch": "main",
    "gong.plan.sha": sha,
  });
  expect(Date.parse(run?.startedAt ?? "")).toBe(Date.parse(job?.times["assigned"] ?? "none"));
  expect(Date.parse(run?.completedAt ?? "")).toBe(Date.parse(job?.times["complete"] ?? "none"));
  const control = scene.github.checkRun(sha, "*control");
  expect(control?.summary).toBe(`The plan was loaded from commit ${sha}, its checks are under way. Admitted for \`ben\`.`);

  scene.github.renameRepository(repository, "application");
  const next = await scene.github.commit(repository, "main", { "a.txt": "2" }, { by: "ben" });
  await scene.shows(next, { "*control": "success", build: "success" });
  const later = await newest();
  expect(later?.tags).toMatchObject({ "gong.repo.name": "application", "gong.repo.id": String(repository.id) });
  expect(later?.owner).toBe(job?.owner ?? "none");
});
