import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RunRow, SuiteRow } from "../check/table.ts";
import { aDesk, type Desk } from "../desk.fixture.ts";
import { aScene, REPO, type Scene, until } from "../scene.fixture.ts";

let scene: Scene;
let sha: string;
let suite: SuiteRow;
let desk: Desk;
beforeAll(async () => {
  scene = await aScene();
  sha = await scene.push({ "a.txt": "1" });
  await scene.shows(sha, { "*control": "success", build: "success" });
  await until(() => scene.wollongong.wo.db.query("SELECT 1 FROM delivery WHERE ack IS NULL").get() === null);
  suite = scene.wollongong.wo.db.query<SuiteRow, []>("SELECT * FROM check_suite").get() as SuiteRow;
  desk = aDesk(scene);
});
afterAll(async () => {
  desk[Symbol.dispose]();
  await scene[Symbol.asyncDispose]();
});

const runs = () => scene.wollongong.wo.db.query<RunRow, []>("SELECT * FROM check_run ORDER BY name").all();

const tool = (args: readonly string[], stdin?: string) => desk.tool(scene.wollongong.dir, args, stdin);

/** What a command prints. @throws an Error with what it said instead */
async function run(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await tool(args);
  if (status !== 0) throw new Error(`${args.join(" ")}: ${status}: ${stderr}`);
  return stdout.trimEnd();
}

describe("help", () => {
  test("needs no configuration and no database", async () => {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "main.ts"), "--help"], { cwd: "/", stdout: "pipe" });
    expect(await new Response(child.stdout).text()).toMatchInlineSnapshot(`
      "Usage: wollongong-dbtool [OPTS] COMMAND [ARGS...]

      looks into Wollongong's database, and puts right what went wrong

      Commands:
          delivery (del)      webhook deliveries
          repository (repo)   GitHub repositories
          check               GitHub checks
          why                 tell the story of a check, from webhook to conclusion
          secret              values that jobs of a repository are given
          github              ask GitHub as the App
          completion          print a script that completes commands in a shell

      Options:
              --help          show this help
              --version       show the version
          -j, --json          print JSON
          -f, --config FILE   configuration of the server (etc/app.toml)
              --db FILE       look into this database, such as a backup, rather than
                              the server's
      "
    `);
    expect(await child.exited).toBe(0);
  });

  test("stands beside what is wrong with a command line, and names the columns of a list", async () => {
    const refused = async (...args: string[]) => {
      const { status, stdout, stderr } = await tool(args);
      return [status, stdout, stderr];
    };
    expect(await refused("repo", "ls", "x")).toEqual([
      2,
      "",
      'Usage: wollongong-dbtool repository list [OPTS]\nERROR: "x": no arguments are taken here\n',
    ]);
    expect(await refused("check")).toEqual([2, "", expect.stringContaining("\nERROR: a command is missing")]);
    expect(await refused("chek")).toEqual([
      2,
      "",
      expect.stringMatching(/ERROR: there is no command "chek"; did you mean check\?/),
    ]);
    for (const option of ["-o", "-s", "-S"])
      expect(await refused("repo", "ls", option, "colour")).toEqual([
        2,
        "",
        expect.stringContaining("there is no column colour"),
      ]);
    expect(await run("delivery", "list", "--help")).toEndWith(
      "Columns:\n    ack, action, event, [install], [note], recvtime, [sender], seq, [uuid]",
    );
  });

  test("is given to shells as they complete a command", async () => {
    for (const shell of ["bash", "zsh", "fish"])
      expect(await run("completion", shell)).toContain("wollongong-dbtool complete -- ");
    expect(await run("complete", "--", "del", "")).toBe("list\nerrors\ndump\nunack\nack\nreplay\narchive");
    expect(await run("complete", "--", "-f", "etc/app.toml", "check", "su")).toBe("suite");
    expect(await run("complete", "--", "del", "ls", "--new")).toBe("--newest");
    expect(await run("complete", "--", "why", "")).toBe("");
    const script = [
      `wollongong-dbtool() { '${process.execPath}' '${join(import.meta.dir, "main.ts")}' "$@"; }`,
      'eval "$(wollongong-dbtool completion bash)"',
      "COMP_WORDS=(wollongong-dbtool repo l) COMP_CWORD=2",
      "_wollongong_dbtool",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the shell
      'echo "${COMPREPLY[@]}"',
    ].join("\n");
    expect(Bun.spawnSync(["bash", "-c", script]).stdout.toString()).toBe("list\n");
  });
});

describe("deliveries", () => {
  test("are listed as they came, and as asked for", async () => {
    const lines = (await run("del", "ls")).split("\n");
    expect(lines[0]).toBe("SEQ     ACK RECVTIME             EVENT          ACTION");
    expect(lines.some((line) => /^\d+ {5,7}1 {3}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ check_suite {4}requested$/.test(line))).toBe(
      true,
    );
    expect(lines.some((line) => /Z push$/.test(line))).toBe(true);
    const seqs = (await run("del", "ls", "-H", "-o", "seq")).split("\n").map(Number);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect((await run("delivery", "list", "-n", "2", "-H", "-o", "seq")).split("\n").map(Number)).toEqual(seqs.slice(-2));
    expect((await run("del", "ls", "-s", "seq", "-S", "seq", "-H", "-o", "seq")).split("\n").map(Number)).toEqual(
      seqs.toReversed(),
    );
    expect(await run("del", "ls", "-H", "-o", "event,sender")).toContain("push\tben");
    const [install] = scene.github.hub.state.installations.keys();
    expect(await run("del", "ls", "-H", "-o", "install,uuid")).toMatch(new RegExp(`^${install}\\t[0-9a-f-]{36}$`, "m"));
    const { wo } = scene.wollongong;
    wo.db.run('UPDATE delivery SET payload = replace(payload, \'"action":"requested"\', \'"action":"two\\nlines"\')');
    expect(await run("del", "ls", "-H", "-o", "action")).toContain("two lines");
    wo.db.run("UPDATE delivery SET payload = replace(payload, 'two\\nlines', 'requested')");
  });

  test("that cannot be read are shown as they are", async () => {
    const { wo } = scene.wollongong;
    const { payload } = wo.db.query<{ payload: string }, []>("SELECT payload FROM delivery WHERE seq = 1").get() ?? {};
    wo.db.run("UPDATE delivery SET payload = 'broken' WHERE seq = 1");
    expect((await run("del", "ls", "-H", "-o", "seq,action,sender,install")).split("\n")).toContain("1\t-\t-\t-");
    expect(await run("del", "dump", "1")).toMatch(/^delivery: sequence 1 event "\w+"\n"broken"$/);
    wo.db.run("UPDATE delivery SET payload = ? WHERE seq = 1", [payload ?? ""]);
  });

  test("are shown whole, and none where one is not there", async () => {
    const [first] = (await run("del", "ls", "-H", "-o", "seq")).split("\n");
    expect(await run("del", "dump", first ?? "")).toMatch(/^delivery: sequence \d+ event "\w+"\n\{/);
    expect(JSON.parse(await run("del", "dump", "-x", "--json", first ?? ""))).toMatchObject([{ headers: {}, ack: 1 }]);
    const { status, stderr } = await tool(["del", "unack", first ?? "", "9999"]);
    expect([status, stderr]).toEqual([2, "ERROR: there is no delivery 9999\n"]);
    expect(await run("del", "ls", "-H", "-o", "ack")).not.toContain("-");
  });

  test("are put back, all of them, for the server to handle", async () => {
    const { wo } = scene.wollongong;
    const [a, b] = (await run("del", "ls", "-H", "-o", "seq")).split("\n");
    expect(await run("del", "unack", a ?? "", b ?? "")).toBe(`unacked delivery sequence ${a}\nunacked delivery sequence ${b}`);
    await until(() => wo.db.query("SELECT 1 FROM delivery WHERE ack IS NULL").get() === null);
    expect(JSON.parse(await run("del", "unack", "--json", a ?? ""))).toEqual({ unacked: [Number(a)] });
    await until(() => wo.db.query("SELECT 1 FROM delivery WHERE ack IS NULL").get() === null);
    expect(scene.machines.ran).toEqual(["build"]);
  });

  test("are put back and handled again by the server that runs", async () => {
    const seq =
      (await run("del", "ls", "-H", "-o", "seq,event"))
        .split("\n")
        .find((line) => line.endsWith("check_suite"))
        ?.split("\t")[0] ?? "";
    expect(await run("del", "replay", seq)).toMatch(/^delivery \d+: suite [0-9A-Z]{26}$/);
    expect(scene.machines.ran).toEqual(["build"]);
  });

  test("that fail are told, acknowledged and replayed", async () => {
    const { wo } = scene.wollongong;
    wo.db.run(
      "CREATE TRIGGER refuse BEFORE INSERT ON user WHEN NEW.login = 'bad' BEGIN SELECT raise(ABORT, 'out of order'); END",
    );
    await scene.wollongong.send("push", { sender: { id: 666, login: "bad", type: "User" } });
    await until(() => wo.db.query("SELECT 1 FROM delivery WHERE error IS NOT NULL").get() !== null);
    const errors = await run("del", "errors");
    expect(errors).toContain("out of order");
    const seq = errors.split("\n")[1]?.split(" ")[0] ?? "";
    const again = await tool(["del", "replay", seq]);
    expect([again.status, again.stdout]).toEqual([1, expect.stringContaining("failed: out of order")]);
    await run("del", "ack", "-r", "known fault", seq);
    wo.db.run("DROP TRIGGER refuse");
    expect(await run("del", "errors", "-H")).toBe("");
    expect(await run("del", "ls", "-H", "-o", "note")).toContain("known fault");
  });
});

describe("repositories and checks", () => {
  test("are listed, found and shown", async () => {
    expect(await run("repo", "ls")).toMatch(/^ID +OWNER +NAME +VISIBILITY\n\d+ +acme +app +public$/);
    expect(await run("check", "suite", "ls", "-H", "-o", "id,state,branch")).toBe(`${suite.id}\tComplete\tmain`);
    const number = String(suite.github_id);
    expect(await run("check", "suite", "ls")).toBe(
      [
        `${"ID".padEnd(26)} ${"GHID".padEnd(10)} ${"REPO".padEnd(10)} STATE`,
        `${suite.id} ${number.padEnd(10)} ${String(suite.repo).padEnd(10)} Complete`,
      ].join("\n"),
    );
    expect(await run("check", "suite", "ls", "-H", "-o", "ssha,sha")).toBe(`${sha.slice(0, 16)}\t${sha}`);
    expect((await tool(["check", "suite", "find", "acme", "app", "1"])).stderr).toBe("ERROR: acme/app has no check suite 1\n");
    expect((await tool(["check", "suite", "find", "acme", "nothing", number])).status).toBe(2);
    expect((await tool(["check", "suite", "dump", "01HZZZZZZZZZZZZZZZZZZZZZZZ"])).status).toBe(2);
    expect(JSON.parse(await run("check", "suite", "dump", suite.id))).toMatchObject({ id: suite.id, head_sha: sha });
    expect(JSON.parse(await run("check", "suite", "find", "acme", "app", String(suite.github_id)))).toMatchObject({
      id: suite.id,
    });
    expect(await run("check", "suite", "runs", suite.id, "-H", "-o", "flags,name")).toBe("AF\t*control\nAF\tbuild");
    const [control, build] = runs();
    expect(await run("check", "suite", "runs", suite.id)).toBe(
      [
        `${"ID".padEnd(26)} FLAGS VARIETY    NAME`,
        `${control?.id} AF    control    *control`,
        `${build?.id} AF    basic      build`,
      ].join("\n"),
    );
    expect(await run("check", "suite", "runs", suite.id, "-H", "-o", "active,flushed")).toBe("yes\tyes\nyes\tyes");
    const { wo } = scene.wollongong;
    wo.db.run("UPDATE check_run SET active = 0, version = version + 1 WHERE name = 'build'");
    expect(await run("check", "suite", "runs", suite.id, "-H", "-o", "flags,active,flushed")).toBe("AF\tyes\tyes\n--\tno\tno");
    wo.db.run("UPDATE check_run SET active = 1, version = version - 1 WHERE name = 'build'");
  });

  test("of a commit that is in two repositories are told as duplicates", async () => {
    expect(await run("check", "suite", "duplicates")).toBe("no commit has more than one check suite");
    const { wo } = scene.wollongong;
    const { time_create: time } = suite;
    wo.db.run("INSERT INTO repository (id, owner, name) VALUES (77, 'acme', 'copy')");
    const columns = Object.keys(suite);
    const copy = { ...suite, id: "01HZZZZZZZZZZZZZZZZZZZZZZZ", repo: 77, github_id: 78, time_create: time + 1500 };
    wo.db.run(`INSERT INTO check_suite (${columns.join()}) VALUES (${columns.map(() => "?").join()})`, Object.values(copy));
    const at = (ms: number) => new Date(ms).toISOString();
    expect(await run("check", "suite", "duplicates")).toBe(
      [
        `SHA ${sha} [1500 msec spread]`,
        `    ${at(time)} ${suite.id}`,
        `    ${at(time + 1500)} ${copy.id}`,
        "",
        `${at(time).slice(0, 7)} 1`,
        "spread: 1500 to 1500 msec",
      ].join("\n"),
    );
    expect(JSON.parse(await run("check", "suite", "duplicates", "--json"))).toMatchObject([{ sha, spread: 1500 }]);
    expect(await run("repo", "ls", "-H")).toContain("77\tacme\tcopy\t-");
    wo.db.run("DELETE FROM check_suite WHERE repo = 77");
    wo.db.run("DELETE FROM repository WHERE id = 77");
  });

  test("of a run, its job and its record", async () => {
    const build = runs().find(({ name }) => name === "build");
    const text = await run("check", "run", "find", "acme", "app", String(build?.github_id));
    expect(text).toContain(
      `SUITE ${suite.id} RUN ${build?.id}\n    NAME "build"\n    HEAD ${sha}\n    PLAN ${sha}\n    BUILDOMAT JOB ${build?.job} (gong-`,
    );
    expect(JSON.parse(await run("check", "run", "dump", build?.id ?? ""))).toMatchObject({
      name: "build",
      conclusion: "success",
    });
    expect((await tool(["check", "run", "find", "acme", "app", "1"])).stderr).toBe("ERROR: acme/app has no check run 1\n");
  });

  test("tell their story, from webhook to conclusion", async () => {
    const story = await run("why", suite.id);
    for (const part of [
      `${REPO} commit ${sha}, branch main`,
      "(check_suite) came.",
      "admitted for the sake of ben",
      "build: The core has it as job",
      "build: It is over (success)",
      "Now: nothing; it is over.",
    ])
      expect(story).toContain(part);
    const build = runs().find(({ name }) => name === "build");
    expect(await run("why", build?.id ?? "")).not.toContain("*control");
    const told = JSON.parse(await run("why", suite.id, "--json")) as { story: { time: number }[]; now: string[] };
    expect(told.story.map(({ time }) => time)).toEqual(told.story.map(({ time }) => time).toSorted((a, b) => a - b));
    expect(told.now).toEqual(["Now: nothing; it is over."]);
    expect((await tool(["why", "nothing"])).stderr).toBe("ERROR: there is no check suite nothing\n");
  });

  test.each<[string, string, string]>([
    ["waits for a button", "state = 'parked', approved_by = NULL", "Now it waits for somebody to authorise it, or to re-run it."],
    ["waits for a re-run", "state = 'parked'", "Now it waits to be re-run."],
    ["is not wanted", "state = 'retired'", "Now: nothing; the repository does not want checks."],
  ])("that %s say so", async (_, changes, now) => {
    const { wo } = scene.wollongong;
    const { state, approved_by } = suite;
    wo.db.run(`UPDATE check_suite SET ${changes} WHERE id = ?`, [suite.id]);
    expect(await run("why", suite.id)).toEndWith(`\n${now}`);
    wo.db.run("UPDATE check_suite SET state = ?, approved_by = ? WHERE id = ?", [state, approved_by, suite.id]);
  });
});

test("everything that is looked up can be had as JSON", async () => {
  const [control] = runs();
  const [owner = "", name = ""] = REPO.split("/");
  const commands = [
    ["del", "ls"],
    ["del", "errors"],
    ["del", "dump", "3"],
    ["repo", "ls"],
    ["check", "suite", "ls"],
    ["check", "suite", "find", owner, name, String(suite.github_id)],
    ["check", "suite", "runs", suite.id],
    ["check", "suite", "duplicates"],
    ["check", "run", "find", owner, name, String(control?.github_id)],
    ["secret", "ls"],
  ];
  for (const command of commands)
    expect([command, typeof JSON.parse(await run(...command, "--json"))]).toEqual([command, "object"]);
  expect(JSON.parse(await run("check", "suite", "ls", "-j"))).toMatchObject([{ id: suite.id }]);
});

describe("secrets", () => {
  test("are set, listed without their values, and deleted", async () => {
    expect((await tool(["secret", "set", "acme/app", "KEY"], "the value\n")).status).toBe(0);
    expect((await tool(["secret", "set", "acme", "KEY"], "of all")).status).toBe(0);
    const list = await run("secret", "ls", "-H", "-o", "of,name");
    expect(list).toBe("acme\tKEY\nacme/app\tKEY");
    expect((await tool(["secret", "set", "acme", "BAD-NAME"], "x")).stderr).toContain("cannot be called");
    await run("secret", "del", "acme", "KEY");
    expect(await run("secret", "ls", "-H", "-o", "of")).toBe("acme/app");
    expect((await tool(["secret", "del", "acme", "KEY"])).status).toBe(2);
  });
});

describe("GitHub", () => {
  test("is asked as the App and as its installations", async () => {
    expect(JSON.parse(await run("github", "info"))).toMatchObject({ id: scene.github.app.id });
    const [install] = JSON.parse(await run("github", "installs")) as { id: number }[];
    expect(await run("github", "repos", "-i", String(install?.id), "-b")).toMatch(/^ +\d+ acme\/app$/);
    expect(await run("github", "member", "-i", String(install?.id), "acme", "ben")).toBe("ben is a member of acme");
    scene.github.createUser("eve");
    expect((await tool(["github", "member", "-i", String(install?.id), "acme", "eve"])).status).toBe(1);
    const [newest] = (await run("github", "webhooks", "-N", "3")).split("\n");
    expect(newest).toMatch(/^\d+ +\d{4}-.*Z - 200 /);
    await run("github", "again", newest?.split(" ")[0] ?? "");
    const [again] = (await run("github", "webhooks", "-N", "1")).split("\n");
    expect(again).toMatch(/^\d+ +\d{4}-.*Z R 200 /);
    const all = (await run("github", "webhooks")).split("\n");
    expect(all.length).toBeGreaterThan(3);
    expect((await run("github", "webhooks", "-N", "2")).split("\n")).toEqual(all.slice(0, 2));
    expect((await run("github", "webhooks", "-D", "1")).split("\n")).toEqual(all);
    expect(await run("github", "webhooks", "-D", "0")).toBe("");
    const as = ["-i", String(install?.id)];
    expect(JSON.parse(await run("github", "repos", ...as))).toMatchObject([{ full_name: "acme/app", private: false }]);
    expect((await tool(["github", "repos"])).stderr).toContain("ERROR: -i (--install) is required");
    expect(JSON.parse(await run("github", "user", ...as, "ben"))).toMatchObject({ login: "ben" });
    const there = String(suite.github_id);
    expect(JSON.parse(await run("github", "suite", ...as, "acme", "app", there))).toMatchObject({
      id: suite.github_id,
      head_sha: sha,
    });
    expect(JSON.parse(await run("github", "commit", ...as, "acme", "app", sha))).toMatchObject([{ id: suite.github_id }]);
    const refused = await tool(["github", "suite", "-i", String(install?.id), "acme", "app", "1"]);
    expect([refused.status, refused.stderr]).toEqual([3, expect.stringContaining("GitHub answers 404")]);
  });
});

test("a backup can be looked into", async () => {
  const { dir, wo } = scene.wollongong;
  wo.db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  const copy = join(dir, "copy.sqlite");
  copyFileSync(join(dir, "wollongong.sqlite"), copy);
  expect(await run("--db", copy, "check", "suite", "ls", "-H", "-o", "id")).toBe(suite.id);
  expect(existsSync(join(dir, "nothing.sqlite"))).toBe(false);
  expect((await tool(["--db", join(dir, "nothing.sqlite"), "repo", "ls"])).stderr).toContain("there is no database");
});

describe("deliveries", () => {
  test("that are old go to a file a day, once", async () => {
    const { wo, dir } = scene.wollongong;
    const newest = () => wo.db.query<{ seq: number }, []>("SELECT max(seq) AS seq FROM delivery").get()?.seq ?? 0;
    const today = Date.parse(new Date().toISOString().slice(0, 10));
    const days = (n: number) => today - n * 24 * 3600_000;
    const put = (seq: number, time: number, ack: number | null = 1) =>
      wo.db.run("UPDATE delivery SET recvtime = ?, ack = ?, quarantined = ? WHERE seq = ?", [
        time,
        ack,
        ack === null ? 1 : 0,
        seq,
      ]);
    // The last moment of a day that is over for less than 14 days, and of one that is so for longer.
    put(1, days(13) - 1);
    expect(await run("del", "archive")).toBe("nothing is old enough");
    put(1, days(14) - 1);
    put(2, days(14) - 2);
    put(3, days(20), null);
    const refused = await tool(["del", "archive"]);
    const day = (n: number) => new Date(days(n)).toISOString().slice(0, 10);
    expect([refused.status, refused.stderr]).toEqual([1, `${day(20)}: deliveries 3 are not acknowledged: see del errors\n`]);
    put(3, days(0));
    const file = join(dir, "archive/delivery", `${day(15)}.json`);
    expect(await run("del", "archive")).toBe(`${day(15)}: 2 deliveries to ${file}`);
    expect([statSync(file).mode & 0o777, statSync(dirname(file)).mode & 0o777]).toEqual([0o600, 0o700]);
    const text = readFileSync(file, "utf8");
    const { v, records } = JSON.parse(text) as { v: string; records: { seq: number; recvtime: string; headers: object }[] };
    expect([v, records.map(({ seq }) => seq)]).toEqual(["1", [2, 1]]);
    expect(Object.keys(records[0] ?? {})).toEqual(["seq", "uuid", "event", "headers", "payload", "recvtime", "ack"]);
    expect(records[0]?.recvtime).toBe(new Date(days(14) - 2).toISOString());
    const headers = Object.keys(records[0]?.headers ?? {});
    expect(headers).toEqual(headers.toSorted());
    expect(text).toStartWith('{\n  "v": "1",\n  "records": [\n');
    expect(await run("del", "archive")).toBe("nothing is old enough");
    expect(await run("del", "ls", "-H", "-o", "seq")).not.toMatch(/^[12]$/m);

    // The same day again is refused, unless it is what a run that was killed has left.
    put(3, days(15));
    expect((await tool(["del", "archive"])).stderr).toContain(`${file} is there already, with other deliveries`);
    rmSync(file);
    expect(await run("del", "archive")).toContain("1 deliveries");
    const last = newest();
    for (const { seq } of wo.db.query<{ seq: number }, []>("SELECT seq FROM delivery").all()) put(seq, days(30));
    const archived = JSON.parse(await run("del", "archive", "--json")) as { day: string; file: string; deliveries: number }[];
    expect(archived).toEqual([
      { day: day(30), file: join(dir, "archive/delivery", `${day(30)}.json`), deliveries: expect.any(Number) },
    ]);
    expect(await run("del", "ls", "-H")).toBe("");
    await scene.wollongong.send("ping", { zen: "again" });
    expect(await run("del", "ls", "-H", "-o", "seq")).toBe(String(last + 1));
  });

  test("whose archive was written, but which were not deleted, are deleted", async () => {
    const { wo, dir } = scene.wollongong;
    wo.db.run("UPDATE delivery SET recvtime = ?", [Date.UTC(2020, 0, 2, 12)]);
    await until(() => wo.db.query("SELECT 1 FROM delivery WHERE ack IS NULL").get() === null);
    const before = wo.db.query<{ seq: number }, []>("SELECT seq FROM delivery").all();
    wo.db.run("CREATE TRIGGER refuse BEFORE DELETE ON delivery BEGIN SELECT raise(ABORT, 'killed here'); END");
    expect((await tool(["del", "archive"])).status).not.toBe(0);
    wo.db.run("DROP TRIGGER refuse");
    expect(existsSync(join(dir, "archive/delivery/2020-01-02.json"))).toBe(true);
    expect(await run("del", "archive")).toContain(`2020-01-02: ${before.length} deliveries to `);
  });
});
