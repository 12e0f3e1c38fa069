import { describe, expect, test } from "bun:test";
import examples from "@octokit/webhooks-examples";
import { watchScans } from "../../core/common/sqlite/scans.fixture.ts";
import { manualWorld } from "../../test/fixture/manual-world.ts";
import { suiteById } from "../check/suite.ts";
import type { SuiteRow } from "../check/table.ts";
import { type TestWollongong, testWollongong } from "../fixture.ts";
import { putBack } from "./by-hand.ts";
import type { DeliveryRow } from "./table.ts";

const deliveries = ({ wo }: TestWollongong) => wo.db.query<DeliveryRow, []>("SELECT * FROM delivery ORDER BY seq").all();

/** Waits until every delivery is acknowledged or put aside. */
async function settled(server: TestWollongong): Promise<DeliveryRow[]> {
  for (;;) {
    const all = deliveries(server);
    if (all.every(({ ack, quarantined, tries }) => ack !== null || quarantined === 1 || tries > 0)) return all;
    await Bun.sleep(5);
  }
}

const acme = { id: 7, login: "acme", type: "Organization" };
const repository = { id: 42, name: "app", owner: acme, private: false, visibility: "public" };
const sender = { id: 9, login: "alice", type: "User" };
const installation = { id: 5 };
const sha = "a".repeat(40);
const requested = {
  action: "requested",
  check_suite: { id: 100, head_sha: sha, head_branch: "main", before: "b".repeat(40), app: { id: 1 } },
  repository,
  sender,
  installation,
};
const fork = { ...repository, id: 43, owner: { id: 10, login: "bob", type: "User" } };
const pull = (action: string, head = repository) => ({
  action,
  pull_request: {
    number: 3,
    head: { ref: "topic", sha, repo: head },
    base: { ref: "main", sha: "c".repeat(40), repo: repository },
  },
  repository,
  sender: { id: 10, login: "bob", type: "User" },
  installation,
});
/** From one repository to another, as the pull request says. */
const between = (from: object | null, to: object | null) => {
  const { pull_request, ...rest } = pull("opened");
  const { head, base } = pull_request;
  return { ...rest, pull_request: { ...pull_request, head: { ...head, repo: from }, base: { ...base, repo: to } } };
};
const pressed = (identifier: string, external_id: string | null = "01KB0000000000000000000000") => ({
  action: "requested_action",
  check_run: { id: 7, external_id },
  requested_action: { identifier },
  repository,
  installation,
  sender,
});
const suites = ({ wo }: TestWollongong) => wo.db.query<SuiteRow, []>("SELECT * FROM check_suite").all();

describe("every payload that GitHub gives as an example", () => {
  test("is acknowledged, with a note", async () => {
    await using server = await testWollongong({ config: { allow_owners: ["Codertocat", "Octocoders"] } });
    for (const { name, examples: payloads } of examples) await Promise.all(payloads.map((payload) => server.send(name, payload)));
    const all = await settled(server);
    expect(all.length).toBeGreaterThan(300);
    expect(all.filter(({ ack, note }) => ack === null || !note).map(({ event, error }) => ({ event, error }))).toEqual([]);
  });
});

describe("a delivery", () => {
  test("that nobody knows is acknowledged with the reason", async () => {
    await using server = await testWollongong();
    await server.send("star", { action: "created", sender });
    await server.send("check_suite", { ...requested, check_suite: { ...requested.check_suite, id: "x" } });
    expect((await settled(server)).map(({ ack, note }) => ({ ack, note }))).toEqual([
      { ack: 1, note: "not an event that we use: star created" },
      { ack: 1, note: expect.stringContaining("the payload cannot be read: check_suite/id") },
    ]);
  });

  test("is found and done without a look at the whole history", async () => {
    await using server = await testWollongong();
    const watch = watchScans(server.wo.db);
    await server.send("check_suite", requested);
    await server.send("pull_request", pull("opened"));
    while (!server.wo.db.query("SELECT 1 FROM delivery WHERE seq = 2 AND ack = 1").get()) await Bun.sleep(5);
    expect(watch.scanned()).toEqual([]);
  });

  test("that fails is tried again later, is put aside after ten tries, and keeps no other from being done", async () => {
    const world = manualWorld();
    await using server = await testWollongong({ world });
    server.wo.db.run(
      "CREATE TRIGGER refuse BEFORE INSERT ON user WHEN NEW.login = 'bad' BEGIN SELECT raise(ABORT, 'out of order'); END",
    );
    await server.send("push", { sender: { ...sender, login: "bad" } });
    await server.send("ping", {});
    const [bad, good] = await settled(server);
    expect(good?.ack).toBe(1);
    expect(bad).toMatchObject({ ack: null, tries: 1, error: expect.stringContaining("out of order"), quarantined: 0 });
    await world.advance(1_100_000);
    expect(deliveries(server)[0]).toMatchObject({ ack: null, tries: 10, quarantined: 1 });
  });

  test.each<[string, string, object, string]>([
    ["a ping", "ping", {}, "nothing to do"],
    ["a push", "push", { repository, installation, sender }, "nothing to do"],
    ["a new branch or tag", "create", { repository, sender }, "nothing to do"],
    ["one that is gone", "delete", { repository, sender }, "nothing to do"],
    ["a repository made public", "public", { repository, sender }, "nothing to do"],
    ["a pull request that is ready", "pull_request", pull("ready_for_review"), "nothing to do"],
    ["a pull request that is closed", "pull_request", pull("closed"), "nothing to do"],
    ["a suite that is over", "check_suite", { ...requested, action: "completed" }, "nothing to do"],
    [
      "the echo of our own new run",
      "check_run",
      { action: "created", check_run: { id: 1 }, repository, sender },
      "nothing to do",
    ],
    ["the echo of its end", "check_run", { action: "completed", check_run: { id: 1 }, repository, sender }, "nothing to do"],
    ["a payload without action and sender", "check_suite", {}, "nothing to do"],
    [
      "an installation of nobody",
      "installation",
      { action: "created", installation: { id: 5 } },
      "no account of the installation",
    ],
    ["an installation that is missing", "installation", { action: "deleted" }, "the payload has no installation"],
    ["a suite without repository", "check_suite", { ...requested, repository: undefined }, "the payload has no repository"],
    ["a suite without installation", "check_suite", { ...requested, installation: undefined }, "the payload has no installation"],
    ["a suite that is missing", "check_suite", { ...requested, check_suite: undefined }, "the payload has no check_suite"],
    ["a pull request without repository", "pull_request", { ...pull("opened"), repository: null }, "cannot be read: repository"],
    [
      "a pull request of others",
      "pull_request",
      { ...pull("opened"), repository: { ...repository, owner: { id: 8, login: "Acme" } } },
      "Acme is not among allow_owners",
    ],
    [
      "a pull request without installation",
      "pull_request",
      { ...pull("opened"), installation: undefined },
      "the payload has no installation",
    ],
    [
      "a pull request that is missing",
      "pull_request",
      { ...pull("opened"), pull_request: undefined },
      "the payload has no pull_request",
    ],
    ["a pull request whose fork is gone", "pull_request", between(null, repository), "the pull request lacks a repository"],
    ["a pull request without base", "pull_request", between(repository, null), "the pull request lacks a repository"],
    [
      "a pull request against another",
      "pull_request",
      between(repository, fork),
      "the pull request is against another repository",
    ],
    ["a button that there is not", "check_run", pressed("explode"), 'there is no button "explode"'],
    [
      "a press of nothing",
      "check_run",
      { ...pressed("cancel"), requested_action: undefined },
      "the payload has no requested_action",
    ],
    ["a press nowhere", "check_run", { ...pressed("cancel"), check_run: undefined }, "the payload has no check_run"],
    ["a press on a run of others", "check_run", pressed("cancel", "not-an-id-of-ours"), "check run 7 is not known"],
    ["a press on a run that there is not", "check_run", pressed("cancel"), "check run 7 is not known"],
    ["a re-run of a run without id", "check_run", { ...pressed("", null), action: "rerequested" }, "check run 7 is not known"],
    [
      "a re-run of a suite that there is not",
      "check_suite",
      { ...requested, action: "rerequested" },
      "check suite 100 is not known",
    ],
  ])("of %s is acknowledged, with what was done or why nothing", async (_, event, payload, note) => {
    await using server = await testWollongong();
    await server.send(event, payload);
    expect(await settled(server)).toEqual([expect.objectContaining({ ack: 1, note: expect.stringContaining(note) })]);
    expect(suites(server)).toEqual([]);
  });

  test("is handled after those that came before it", async () => {
    await using server = await testWollongong();
    for (let i = 0; i < 3; i++) await server.send("ping", {});
    await settled(server);
    const { db } = server.wo;
    db.run("CREATE TABLE handled (seq INTEGER)");
    db.run(
      "CREATE TRIGGER look AFTER UPDATE OF ack ON delivery WHEN NEW.ack = 1 BEGIN INSERT INTO handled VALUES (NEW.seq); END",
    );
    db.transaction(() => {
      for (const seq of [3, 1, 2]) putBack(db, seq, server.wo.world.now());
    })();
    await settled(server);
    expect(db.query("SELECT seq FROM handled").values().flat()).toEqual([1, 2, 3]);
  });

  test("that is handled once more changes nothing", async () => {
    await using server = await testWollongong();
    await server.send("check_suite", requested);
    await server.send("pull_request", pull("opened"));
    await settled(server);
    const before = suites(server);
    for (const { seq } of deliveries(server)) putBack(server.wo.db, seq, server.wo.world.now());
    await settled(server);
    expect(suites(server).map(({ due, tries, error, ...rest }) => rest)).toEqual(
      before.map(({ due, tries, error, ...rest }) => rest),
    );
    expect(before).toHaveLength(1);
  });

  test("of an owner that is not served is acknowledged, and nothing but its accounts is kept", async () => {
    await using server = await testWollongong({ config: { allow_owners: ["other"] } });
    await server.send("check_suite", requested);
    expect((await settled(server))[0]).toMatchObject({ ack: 1, note: "acme is not among allow_owners" });
    expect(suites(server)).toEqual([]);
  });

  test("of another App's suite is left alone", async () => {
    await using server = await testWollongong();
    await server.send("check_suite", { ...requested, check_suite: { ...requested.check_suite, app: { id: 2 } } });
    expect((await settled(server))[0]?.note).toContain("another App");
    expect(suites(server)).toEqual([]);
  });
});

describe("one commit has one suite, which learns", () => {
  const all = { repo: 42, install: 5, github_id: 100, head_sha: sha, head_branch: "main", pr: 3, pr_by: 10, requested_by: 9 };
  test("when the push comes first", async () => {
    await using server = await testWollongong();
    await server.send("check_suite", requested);
    await server.send("pull_request", pull("opened"));
    await settled(server);
    expect(suites(server)).toEqual([expect.objectContaining({ ...all, base_sha: "c".repeat(40) })]);
  });

  test("when the pull request comes first", async () => {
    await using server = await testWollongong();
    await server.send("pull_request", pull("opened", fork));
    await settled(server);
    expect(suites(server)).toEqual([expect.objectContaining({ github_id: null, head_branch: null, pr: 3 })]);
    await server.send("check_suite", requested);
    await settled(server);
    expect(suites(server)).toEqual([expect.objectContaining({ ...all, base_sha: "c".repeat(40) })]);
  });

  test("and whose senders they were first, whoever comes later", async () => {
    await using server = await testWollongong();
    await server.send("check_suite", requested);
    await server.send("pull_request", pull("opened", fork));
    const carol = { id: 11, login: "carol", type: "User" };
    await server.send("check_suite", { ...requested, sender: carol });
    await server.send("pull_request", { ...pull("synchronize"), sender: carol });
    await server.send("pull_request", { ...pull("reopened"), sender: carol });
    await settled(server);
    expect(suites(server)).toEqual([expect.objectContaining(all)]);
    const repositories = server.wo.db.query("SELECT id, owner, name, visibility FROM repository ORDER BY id").all();
    expect(repositories).toEqual([
      { id: 42, owner: "acme", name: "app", visibility: "public" },
      { id: 43, owner: "bob", name: "app", visibility: "public" },
    ]);
    expect(server.wo.db.query("SELECT login, usertype FROM user WHERE id = 11").all()).toEqual([
      { login: "carol", usertype: "user" },
    ]);
  });

  test("and knows the branch of a pull request within the repository", async () => {
    await using server = await testWollongong();
    await server.send("pull_request", pull("synchronize"));
    await settled(server);
    expect(suites(server)).toEqual([expect.objectContaining({ head_branch: "topic" })]);
  });
});

describe("installations and repositories", () => {
  test("come, are suspended, come back and go", async () => {
    await using server = await testWollongong();
    const state = () => server.wo.db.query<{ state: string }, []>("SELECT state FROM install WHERE id = 5").get()?.state;
    const told: (string | undefined)[] = [];
    for (const action of ["created", "suspend", "unsuspend", "deleted", "new_permissions_accepted"]) {
      await server.send("installation", { action, installation: { id: 5, account: acme }, sender });
      await settled(server);
      told.push(state());
    }
    expect(told).toEqual(["active", "suspended", "active", "deleted", "active"]);
    expect(server.wo.db.query("SELECT id, owner FROM install").all()).toEqual([{ id: 5, owner: 7 }]);
    expect(server.wo.db.query("SELECT login, usertype FROM user WHERE id = 7").all()).toEqual([
      { login: "acme", usertype: "org" },
    ]);
  });

  test("tell of the repositories that are added to them", async () => {
    await using server = await testWollongong();
    const listed = { id: 44, full_name: "acme/lib", private: true };
    await server.send("installation", {
      action: "created",
      installation: { id: 5, account: acme },
      repositories: [listed],
      sender,
    });
    const added = { action: "added", repositories_added: [{ id: 45, full_name: "acme/web", private: false }] };
    await server.send("installation_repositories", { ...added, installation: { id: 5, account: acme }, sender });
    await server.send("installation_repositories", { action: "removed", installation: { id: 5, account: acme }, sender });
    await settled(server);
    expect(server.wo.db.query("SELECT id, owner, name, visibility FROM repository ORDER BY id").all()).toEqual([
      { id: 44, owner: "acme", name: "lib", visibility: "private" },
      { id: 45, owner: "acme", name: "web", visibility: "public" },
    ]);
  });

  test("are renamed, hidden, deleted and found again", async () => {
    await using server = await testWollongong();
    const row = () => server.wo.db.query<object, []>("SELECT name, visibility, deleted FROM repository WHERE id = 42").get();
    const tell = async (action: string, changes: object = {}) => {
      await server.send("repository", { action, repository: { ...repository, ...changes }, sender });
      await settled(server);
      return row();
    };
    expect(await tell("created")).toEqual({ name: "app", visibility: "public", deleted: 0 });
    expect(await tell("renamed", { name: "application" })).toEqual({ name: "application", visibility: "public", deleted: 0 });
    expect(await tell("privatized", { visibility: "private" })).toEqual({ name: "app", visibility: "private", deleted: 0 });
    expect(await tell("deleted")).toMatchObject({ deleted: 1 });
    expect(await tell("transferred")).toMatchObject({ deleted: 0 });
  });

  test("are learnt from any payload that names them", async () => {
    await using server = await testWollongong();
    await server.send("push", { repository, installation, sender });
    await settled(server);
    expect(server.wo.db.query("SELECT * FROM install").all()).toEqual([{ id: 5, owner: 7, state: "active" }]);
    expect(server.wo.db.query("SELECT login, usertype FROM user ORDER BY id").all()).toEqual([
      { login: "acme", usertype: "org" },
      { login: "alice", usertype: "user" },
    ]);
  });
});

test("a merge group is checked for its branch", async () => {
  await using server = await testWollongong();
  const merge_group = {
    head_sha: sha,
    head_ref: "refs/heads/gh-readonly-queue/main/pr-3",
    base_sha: "d".repeat(40),
    base_ref: "refs/heads/main",
  };
  await server.send("merge_group", { action: "checks_requested", merge_group, repository, installation, sender });
  await settled(server);
  expect(suites(server)).toEqual([expect.objectContaining({ merge_group: 1, head_branch: "gh-readonly-queue/main/pr-3" })]);
});

test("what was stored when the server stopped is handled by the next one", async () => {
  const first = await testWollongong();
  await first.send("check_suite", requested);
  await settled(first);
  const id = suites(first)[0]?.id ?? "";
  first.wo.db.run("UPDATE delivery SET ack = NULL");
  first.wo.db.run("DELETE FROM chronicle");
  first.wo.db.run("DELETE FROM check_suite");
  await using second = await first.restart();
  await settled(second);
  expect(suiteById(second.wo, id)).toBeNull();
  expect(suites(second)).toHaveLength(1);
});
