import { afterEach, describe, expect, test } from "bun:test";
import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aDesk } from "../desk.fixture.ts";
import { aScene, jobFile, type Scene, settled, until } from "../scene.fixture.ts";
import { setSecret } from "../secret/secrets.ts";

const scratches: string[] = [];
const scratch = () => {
  const dir = mkdtempSync(join(tmpdir(), "backup-"));
  scratches.push(dir);
  return dir;
};
afterEach(() => {
  for (const dir of scratches.splice(0)) rmSync(dir, { recursive: true, force: true });
});

const ALL_WELL = { "*control": "success", build: "success" };

const uuids = ({ wollongong: { wo } }: Scene) =>
  new Set(
    wo.db
      .query<{ uuid: string }, []>("SELECT uuid FROM delivery")
      .all()
      .map(({ uuid }) => uuid),
  );

test("a drill: backed up under pushes, lost, restored, it goes on where it was", async () => {
  await using scene = await aScene();
  const { github } = scene;
  using desk = aDesk(scene);
  const to = join(scratch(), "backup");
  const commits = [await scene.push({ "a.txt": "first" })];
  const acknowledged = github.deliveries.all.filter(({ attempts }) => attempts.some(({ status }) => status === 200));
  const work = desk.server(scene.wollongong.dir, ["backup", to]);
  let backedUp = false;
  const watching = work.finally(() => {
    backedUp = true;
  });
  while (!backedUp) commits.push(await scene.push({ "a.txt": `${commits.length}` }));
  expect(await watching).toMatchObject({ status: 0, stdout: expect.stringContaining("1 file, ") });
  for (const sha of commits) await scene.shows(sha, ALL_WELL);

  await desk.lose(to);
  const known = uuids(scene);
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(acknowledged.filter(({ guid }) => !known.has(guid))).toEqual([]);
  expect(scene.checks(commits[0] ?? "")).toEqual(ALL_WELL);
  const next = await scene.push({ "a.txt": "next" });
  await scene.shows(next, ALL_WELL);
  expect(github.violations).toEqual([]);
}, 120_000);

test("a drill: what came after the backup is sent again, and nothing is run or shown twice", async () => {
  const after = jobFile("after", "[dependencies.build]", 'job = "build"');
  await using scene = await aScene({ jobs: { build: jobFile("build"), after } });
  using desk = aDesk(scene);
  const { github, machines } = scene;
  const { dir } = scene.wollongong;
  const done = { ...ALL_WELL, after: "success" };
  const free = Promise.withResolvers<void>();
  machines.deeds.set("build", async (machine) => {
    await free.promise;
    await machine.complete();
  });
  const before = await scene.push({ "a.txt": "before" });
  await scene.shows(before, { "*control": "success", build: "in_progress", after: "queued" });
  const to = join(scratch(), "backup");
  expect(await desk.server(dir, ["backup", to])).toMatchObject({ status: 0 });
  free.resolve();
  await scene.shows(before, done);
  const later = await scene.push({ "a.txt": "later" });
  await scene.shows(later, done);
  const build = github.checkRun(later, "build");
  if (build) github.rerequestRun(build, "ben");
  await until(() => machines.ran.length === 5);
  await scene.shows(later, done);
  await github.deliveries.idle();
  github.deliveries.sendTo("http://127.0.0.1:9/webhook");
  const missed = await scene.push({ "a.txt": "missed" });
  await github.deliveries.idle();

  await desk.lose(to);
  expect((await desk.tool(dir, ["github", "redeliver"])).stdout).toContain("check_suite requested");
  await scene.shows(missed, done);
  const { wo } = scene.wollongong;
  await until(() => wo.db.query("SELECT 1 FROM delivery WHERE ack IS NULL").get() === null);
  await settled(scene, 3);
  const names = (sha: string) =>
    github
      .checkRunsOf(sha)
      .map(({ name }) => name)
      .toSorted();
  expect([before, later, missed].map(scene.checks)).toEqual([done, done, done]);
  expect(names(before)).toEqual(["*control", "after", "build"]);
  expect(names(later)).toEqual(["*control", "after", "build", "build"]);
  expect(names(missed)).toEqual(["*control", "after", "build"]);
  expect(machines.ran.toSorted()).toEqual(["after", "after", "after", "build", "build", "build", "build"]);
  expect(github.violations).toEqual([]);
}, 120_000);

test("the tool looks into a backup as it does into the database", async () => {
  await using scene = await aScene();
  using desk = aDesk(scene);
  const sha = await scene.push({ "a.txt": "1" });
  await scene.shows(sha, ALL_WELL);
  const to = join(scratch(), "backup");
  await desk.server(scene.wollongong.dir, ["backup", to]);
  const list = ["check", "suite", "ls", "--json"];
  const { stdout } = await desk.tool(scratch(), ["--db", join(to, "wollongong.sqlite"), ...list]);
  expect(stdout).toContain(sha);
  expect(stdout).toBe((await desk.tool(scene.wollongong.dir, list)).stdout);
});

test("archived deliveries are in it, each day's as it is", async () => {
  await using scene = await aScene();
  const { dir, wo } = scene.wollongong;
  await scene.shows(await scene.push({ "a.txt": "1" }), ALL_WELL);
  await until(() => wo.db.query("SELECT 1 FROM delivery WHERE ack IS NULL").get() === null);
  wo.db.run("UPDATE delivery SET recvtime = ? WHERE seq = 1", [Date.UTC(2026, 0, 2, 12)]);
  using desk = aDesk(scene);
  await desk.tool(dir, ["del", "archive"]);
  const [to, data] = [join(scratch(), "backup"), scratch()];
  await desk.server(dir, ["backup", to]);
  expect((await desk.server(data, ["restore", to])).stdout).toContain("2 files restored");
  const day = "archive/delivery/2026-01-02.json";
  expect(readFileSync(join(data, day), "utf8")).toBe(readFileSync(join(dir, day), "utf8"));
});

test("the key of the secrets is not in it, and is asked for after a restore", async () => {
  await using scene = await aScene();
  const { dir, wo } = scene.wollongong;
  using desk = aDesk(scene);
  await scene.shows(await scene.push({ "a.txt": "1" }), ALL_WELL);
  await setSecret(wo, { owner: 1, repo: 1 }, "KEY", "the value");
  const [to, data] = [join(scratch(), "backup"), scratch()];
  await desk.server(dir, ["backup", to]);
  expect(readdirSync(to).sort()).toEqual(["manifest.jsonl", "wollongong.sqlite"]);
  const key = join(data, "secret.key");
  expect((await desk.server(data, ["restore", to])).stdout).toContain(
    `put your copy of the key of the secrets, which is in no backup, to ${key}`,
  );
  // Another key would leave the old secrets for ever locked.
  const refused = await desk.tool(data, ["secret", "set", "acme", "OTHER"], "some value");
  expect(refused.stderr).toContain(`the key of the secrets, ${key}, is missing`);
  expect(existsSync(key)).toBe(false);
  copyFileSync(join(dir, "secret.key"), key);
  expect(await desk.tool(data, ["secret", "ls", "-H", "-o", "name"])).toMatchObject({ status: 0, stdout: "KEY\n" });
});

describe("refused is", () => {
  test("a backup of nothing, and one into a directory that holds something", async () => {
    await using scene = await aScene();
    using desk = aDesk(scene);
    const other = scratch();
    const nothing = await desk.server(other, ["backup", join(other, "x")]);
    expect(nothing).toMatchObject({ status: 1, stderr: expect.stringContaining(`there is no wollongong.sqlite in ${other}`) });
    const full = await desk.server(scene.wollongong.dir, ["backup", desk.dir]);
    expect(full).toMatchObject({ status: 1, stderr: expect.stringContaining("is not empty") });
    expect(await desk.server(other, ["backup"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("backup wants one directory"),
    });
  });

  test("a restore over what is there, and of what is damaged, incomplete or another server's", async () => {
    await using scene = await aScene();
    using desk = aDesk(scene);
    const to = join(scratch(), "backup");
    await desk.server(scene.wollongong.dir, ["backup", to]);
    const said = async (data: string) => {
      const { status, stderr } = await desk.server(data, ["restore", to]);
      expect(status).toBe(1);
      return stderr;
    };
    expect(await said(scene.wollongong.dir)).toContain("another server is using");
    const taken = scratch();
    writeFileSync(join(taken, "wollongong.sqlite"), "");
    expect(await said(taken)).toContain("has a wollongong.sqlite already");
    const database = join(to, "wollongong.sqlite");
    appendFileSync(database, "x");
    const other = scratch();
    expect(await said(other)).toContain(`${database} was changed`);
    expect(existsSync(join(other, "wollongong.sqlite"))).toBe(false);
    rmSync(database);
    expect(await said(other)).toContain(`${database} is missing`);
    const manifest = join(to, "manifest.jsonl");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace("wollongong backup", "buildomat backup"));
    expect(await said(other)).toContain(`${manifest} is no manifest of a wollongong backup`);
    rmSync(manifest);
    expect(await said(other)).toContain("is no complete backup");
  });
});
