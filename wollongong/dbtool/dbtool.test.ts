import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunRow, SuiteRow } from "../check/table.ts";
import { appToml } from "../fixture.ts";
import { aScene, REPO, type Scene, until } from "../scene.fixture.ts";

let scene: Scene;
let sha: string;
let suite: SuiteRow;
let config: string;
beforeAll(async () => {
  scene = await aScene();
  sha = await scene.push({ "a.txt": "1" });
  await scene.shows(sha, { "*control": "success", build: "success" });
  await until(() => scene.wollongong.wo.db.query("SELECT 1 FROM delivery WHERE ack IS NULL").get() === null);
  suite = scene.wollongong.wo.db.query<SuiteRow, []>("SELECT * FROM check_suite").get() as SuiteRow;
  const { dir } = scene.wollongong;
  config = join(dir, "app.toml");
  writeFileSync(config, appToml(scene.github, { url: "http://127.0.0.1:9", token: "none" }, dir, join(dir, "privkey.pem")));
});
afterAll(() => scene[Symbol.asyncDispose]());

const runs = () => scene.wollongong.wo.db.query<RunRow, []>("SELECT * FROM check_run ORDER BY name").all();

async function tool(args: string[], stdin = ""): Promise<{ status: number; stdout: string; stderr: string }> {
  const main = join(import.meta.dir, "main.ts");
  const child = Bun.spawn([process.execPath, main, "-f", config, ...args], {
    env: { PATH: process.env["PATH"] ?? "" },
    stdin: Buffer.from(stdin),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { status: await child.exited, stdout, stderr };
}

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

  test("that are old go to a file a day, once", async () => {
    const { wo, dir } = scene.wollongong;
    wo.db.run("UPDATE delivery SET recvtime = ? WHERE seq = 1", [Date.UTC(2026, 0, 2, 12)]);
    expect(await run("del", "archive")).toContain("2026-01-02: 1 deliveries to ");
    const { v, records } = JSON.parse(readFileSync(join(dir, "archive/delivery/2026-01-02.json"), "utf8")) as {
      v: string;
      records: { seq: number }[];
    };
    expect([v, records.map(({ seq }) => seq)]).toEqual(["1", [1]]);
    expect(await run("del", "archive")).toBe("nothing is old enough");
    expect(await run("del", "ls", "-H", "-o", "seq")).not.toMatch(/^1$/m);
  });
});

describe("repositories and checks", () => {
  test("are listed, found and shown", async () => {
    expect(await run("repo", "ls")).toMatch(/^ID +OWNER +NAME +VISIBILITY\n\d+ +acme +app +public$/);
    expect(await run("check", "suite", "ls", "-H", "-o", "id,state,branch")).toBe(`${suite.id}\tComplete\tmain`);
    expect(JSON.parse(await run("check", "suite", "dump", suite.id))).toMatchObject({ id: suite.id, head_sha: sha });
    expect(JSON.parse(await run("check", "suite", "find", "acme", "app", String(suite.github_id)))).toMatchObject({
      id: suite.id,
    });
    expect(await run("check", "suite", "runs", suite.id, "-H", "-o", "flags,name")).toBe("AF\t*control\nAF\tbuild");
    expect(await run("check", "suite", "duplicates")).toBe("no commit has more than one check suite");
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
  });
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
    expect(JSON.parse(await run("github", "commit", "-i", String(install?.id), "acme", "app", sha))).toHaveLength(1);
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
