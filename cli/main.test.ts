import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aCore, aFolder, aJob, buildomat, event, JOB, SECRET, start, startOnTerminal } from "./fixture.ts";

describe("help", () => {
  test("of the program", async () => {
    const { status, stdout } = await buildomat(["--help"]);
    expect(status).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "Usage: buildomat [OPTS] COMMAND [ARGS...]

      runs builds on machines that exist for one job only

      Commands:
          login               say where the core is and who you are
          info                show who you are to the core
          check               look whether the configuration can be used
          job                 run jobs and look at them
          admin (a)           for those who run the service
          completion          print a script that completes commands in a shell

      Options:
              --help          show this help
              --version       show the version
          -j, --json          print JSON
          -p, --profile PROFILE
                              use this profile of the configuration file
          -D, --delegate USERNAME
                              act as this user (needs the privilege delegate)
      "
    `);
  });

  test("of a group", async () => {
    const { status, stdout } = await buildomat(["job", "--help"]);
    expect(status).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "Usage: buildomat job [OPTS] COMMAND [ARGS...]

      run jobs and look at them

      Commands:
          run                 submit a job and follow it
          list (ls)           list your jobs
          tail                follow the log of a job
          join                wait until jobs are over
          cancel              stop a job
          outputs             list the files that a job produced
          copy (cp)           fetch files that a job produced
          dump                show everything that is known of a job
          timings             show when a job did what
          why                 say what a job waits for, or why it ended
          sign                make an address to read a file at for an hour
          publish             give a file a public address for ever
          verify              check log and files against their hashes
          store               values that a job can ask for

      Options:
              --help          show this help
              --version       show the version
          -j, --json          print JSON
          -p, --profile PROFILE
                              use this profile of the configuration file
          -D, --delegate USERNAME
                              act as this user (needs the privilege delegate)
      "
    `);
  });

  test("of a command with options, arguments and columns", async () => {
    const { status, stdout } = await buildomat(["job", "outputs", "--help"]);
    expect(status).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "Usage: buildomat job outputs [OPTS] JOB

      list the files that a job produced

      Options:
          -o, --output COLS   columns to show, in this order, parted by commas
          -s, --sort COLS     sort by these columns, ascending
          -S, --sort-descending COLS
                              sort by these columns, descending
          -H, --no-header     no header, and tabs between the cells
          -p, --parseable     exact numbers: bytes and seconds
              --help          show this help
              --version       show the version
          -j, --json          print JSON
              --profile PROFILE
                              use this profile of the configuration file
          -D, --delegate USERNAME
                              act as this user (needs the privilege delegate)

      Columns:
          [id], path, [sha256], size
      "
    `);
  });
});

describe("a command line that cannot be meant is refused with status 2", () => {
  test.each([
    [[], "a command is missing: buildomat --help lists them"],
    [["jbo"], 'there is no command "jbo"; did you mean job?'],
    [["job", "tial", JOB], 'there is no command "tial"; did you mean tail?'],
    [["job", "list", "--stat", "x"], "there is no option --stat; did you mean --state?"],
    [["job", "list", "-Z"], "there is no option -Z; an argument that begins with a dash goes after --"],
    [["job", "list", "--unsorted=5"], "--unsorted takes no value"],
    [["job", "list", "--output"], "--output needs a value: --output COLS"],
    [["-p", "a", "job", "list", "--profile", "b"], "--profile was given twice"],
    [["job", "tail"], "JOB is missing"],
    [["job", "tail", JOB, "more"], '"more": only JOB expected'],
    [["info", "more"], '"more": no arguments are taken here'],
    [["admin", "target", "create", "x"], "-d (--description) is required"],
    [["job", "tail", "x"], '"x" is not the id of a job: expected 26 letters and digits'],
  ])("%p", async (args, message) => {
    const { status, stdout, stderr } = await buildomat(args, { env: { INPUT_URL: "http://127.0.0.1:1", INPUT_SECRET: "s" } });
    expect(stderr).toEndWith(`ERROR: ${message}\n`);
    expect([status, stdout]).toEqual([2, ""]);
  });
});

describe("what stands in the way is said in words", () => {
  const withProfile = (url: string) => ({ INPUT_URL: url, INPUT_SECRET: SECRET });

  test("no configuration", async () => {
    const { status, stderr } = await buildomat(["info"]);
    expect(status).toBe(2);
    expect(stderr).toContain("there is no /nonexistent/.config/buildomat/config.toml, which says where the core is");
  });

  test("nothing listens there", async () => {
    const { status, stderr } = await buildomat(["info"], { env: withProfile("http://127.0.0.1:1") });
    expect(status).toBe(3);
    expect(stderr).toBe("Error: cannot reach http://127.0.0.1:1: connection refused: is it running?\n");
  });

  test.each([
    ["a page instead of JSON", 200, "<html>Welcome</html>", "is not JSON: is it a buildomat core?"],
    [
      "a proxy's error page",
      502,
      "<html>Bad Gateway</html>",
      "with a page instead of JSON: is it a core, or a proxy in front of one that is down?",
    ],
    [
      "a revoked token",
      401,
      '{"request_id":"r","message":"no"}',
      "does not know the token ($INPUT_SECRET): it may have been revoked",
    ],
  ])("%s", async (_, status, body, message) => {
    using core = aCore({ before: () => new Response(body, { status }) });
    const ran = await buildomat(["info"], { env: core.env });
    expect(ran.status).toBe(3);
    expect(ran.stderr).toContain(message);
  });

  test("a configuration file that others can read is warned of, and used", async () => {
    using core = aCore();
    using folder = aFolder();
    const file = join(folder.path, "config.toml");
    writeFileSync(file, `[profile.default]\nurl = "${core.url}"\nsecret = "${SECRET}"\n`);
    chmodSync(file, 0o644);
    const { status, stdout, stderr } = await buildomat(["info"], { env: { BUILDOMAT_CONFIG: file } });
    expect(stderr).toBe(`warning: others can read the tokens in ${file}: chmod 600 ${file}\n`);
    expect(status).toBe(0);
    expect(stdout).toContain("name:    alice\n");
  });
});

describe("the process", () => {
  test("takes global options before and after the command", async () => {
    using core = aCore();
    const seen: (string | null)[] = [];
    core.story.before = (request) => void seen.push(request.headers.get("x-buildomat-delegate"));
    const before = await buildomat(["-D", "bob", "--json", "info"], { env: core.env });
    const after = await buildomat(["info", "-j", "--delegate=bob"], { env: core.env });
    expect(JSON.parse(before.stdout)).toEqual({ id: core.story.job.owner, name: "alice", url: core.url, profile: null });
    expect(after.stdout).toBe(before.stdout);
    expect(seen).toEqual(["bob", "bob"]);
  });

  test("is quiet when nobody reads on", async () => {
    using core = aCore({ events: Array.from({ length: 20_000 }, (_, i) => event(i + 1, "x".repeat(100))) });
    const child = start(["job", "tail", JOB], { env: core.env });
    const reader = child.stdout.getReader();
    await reader.read();
    await reader.cancel();
    const stderr = await new Response(child.stderr).text();
    expect([await child.exited, stderr]).toEqual([141, ""]);
  });

  test.if(existsSync("/dev/full"))("says so when what it prints cannot be kept", async () => {
    using core = aCore();
    const main = join(import.meta.dir, "main.ts");
    const child = Bun.spawn([process.execPath, main, "job", "list"], {
      env: { ...core.env, HOME: "/nonexistent" },
      stdout: Bun.file("/dev/full"),
      stderr: "pipe",
    });
    expect(await new Response(child.stderr).text()).toMatch(/^ERROR: cannot write to standard output: .*no space left/i);
    expect(await child.exited).toBe(2);
  });

  test("lets no name reach the terminal of whoever looks at a job", async () => {
    using core = aCore({ job: aJob({ name: "\u001b]0;mine\u0007 \u001b[31mred\u001b[0m" }) });
    const { child, until } = startOnTerminal(["job", "dump", JOB], core.env);
    await child.exited;
    const seen = await until((seen) => seen.includes(`id: "${JOB}"`));
    expect(seen).toContain(`${JOB} completed       \ufffd]0;mine\ufffd \u001b[31mred\u001b[0m`);
    expect(seen).not.toContain("\u001b]0;");
  });

  test("detaches on Ctrl-C and says how to go on", async () => {
    const tailing = Promise.withResolvers<void>();
    using core = aCore({
      before: (_, path) => {
        if (!path.endsWith("/watch")) return undefined;
        tailing.resolve();
        return new Response(new ReadableStream({ start: (stream) => stream.enqueue("event: state\ndata: running\n\n") }), {
          headers: { "content-type": "text/event-stream" },
        });
      },
    });
    const child = start(["job", "tail", JOB], { env: core.env });
    const reader = child.stdout.getReader();
    await tailing.promise;
    await reader.read();
    child.kill("SIGINT");
    expect(await new Response(child.stderr).text()).toContain(`buildomat job cancel ${JOB}`);
    expect(await child.exited).toBe(130);
  });
});
