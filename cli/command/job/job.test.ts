import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Attempt } from "../../../core/client/operations.ts";
import { aCore, aFolder, aJob, buildomat, event, JOB, sha256, start } from "../../fixture.ts";

const EVENTS = [
  event(1, "assigned", "control"),
  event(2, "hello"),
  event(3, "bye", "stderr"),
  event(4, "web up", "bg.web.stdout"),
];
const LINES = EVENTS.map((event) => `${JSON.stringify(event)}\n`).join("");
const LOG = { count: 4, bytes: LINES.length, sha256: sha256(LINES) };

const output = (path: string, text: string, id = path.length.toString().padStart(26, "0")) => {
  const data = new TextEncoder().encode(text);
  return { id, path, size: data.length, sha256: sha256(data), data };
};

const refusal = (status: number, message: string) => Response.json({ request_id: "r", message }, { status });

describe("job tail", () => {
  test("prints the log with its prefixes, and the states", async () => {
    using core = aCore({ events: EVENTS });
    const { status, stdout } = await buildomat(["job", "tail", JOB], { env: core.env });
    expect(status).toBe(0);
    expect(stdout).toBe(
      "STATE CHANGE:  -> running\n|=| assigned\nhello\nbye\n[web] web up\nSTATE CHANGE: running -> completed\n",
    );
  });

  test("prints with --json exactly the lines that the hash of the log is over", async () => {
    using core = aCore({ events: EVENTS });
    const { stdout, stderr } = await buildomat(["job", "tail", "--json", JOB], { env: core.env });
    expect([sha256(stdout), stderr]).toEqual([LOG.sha256, ""]);
  });

  test("ends with status 1 when the job failed", async () => {
    using core = aCore({ job: aJob({ state: "failed" }) });
    expect((await buildomat(["job", "tail", JOB], { env: core.env })).status).toBe(1);
  });

  test("begins where it is told to", async () => {
    using core = aCore({ events: EVENTS });
    const { stdout } = await buildomat(["job", "tail", "--json", "--from", "4", JOB], { env: core.env });
    expect(stdout).toBe(`${JSON.stringify(EVENTS[3])}\n`);
  });

  test("ends at once where there is no such job", async () => {
    using core = aCore();
    const other = JOB.replace("01M", "01N");
    const { status, stderr } = await buildomat(["job", "tail", other], { env: core.env });
    expect([status, stderr]).toEqual([3, `Error: there is no job ${other}\n`]);
  });
});

describe("job run", () => {
  test("submits a script as the original does, and follows it", async () => {
    using core = aCore({ events: EVENTS });
    const args = "run -n build -c true -t helios -e A=b=c -E -O =/out/* -T k=v -d".split(" ");
    const { status, stdout } = await buildomat(["job", ...args, `prior=${JOB}`], { env: core.env });
    expect(status).toBe(0);
    expect(stdout).toStartWith(`submitted job ${JOB}\nSTATE CHANGE:  -> running\n|=| assigned\nhello\n`);
    expect(core.story.submitted).toEqual([
      {
        name: "build",
        target: "helios",
        output_rules: ["=/out/*"],
        tasks: [{ name: "default", script: "true", env_clear: true, env: { A: "b=c" }, uid: null, gid: null, workdir: null }],
        inputs: [],
        tags: { k: "v" },
        depends: { prior: { prior_job: JOB, copy_outputs: true, on_completed: true, on_failed: false } },
        retries_on_lost_worker: 1,
      },
    ]);
  });

  test("sends the limits it is given", async () => {
    using core = aCore({ events: EVENTS });
    const args = "run -W -n build -c true --timeout 2h --silence=90 --retries 0".split(" ");
    expect((await buildomat(["job", ...args], { env: core.env })).status).toBe(0);
    expect(core.story.submitted[0]).toMatchObject({ timeout_seconds: 7200, silence_seconds: 90, retries_on_lost_worker: 0 });
  });

  test("sends its inputs whole, also when replies are lost on the way", async () => {
    const big = new Uint8Array(12 * 1024 * 1024).map((_, i) => i % 251);
    using folder = aFolder({ "big.bin": big, "a=b": "odd name" });
    let chunks = 0;
    using core = aCore({
      before: async (request, path) => {
        if (path !== "/0/jobs/JOB/chunk" || ++chunks > 2) return undefined;
        await request.bytes();
        return refusal(503, "the reply was lost");
      },
    });
    const args = ["-i", "big.bin", "-i", "a=b", "-i", "copy=a=b"];
    const { status, stdout } = await buildomat(["job", "run", "-n", "x", "-c", "true", "-W", ...args], {
      env: core.env,
      cwd: folder.path,
    });
    expect([status, stdout]).toEqual([0, `${JOB}\n`]);
    const got = [...core.story.inputs].map(([name, data]) => [name, sha256(data)]).sort();
    expect(got).toEqual([
      ["a=b", sha256("odd name")],
      ["big.bin", sha256(big)],
      ["copy", sha256("odd name")],
    ]);
  });

  test("cancels the job when an input cannot be sent", async () => {
    using folder = aFolder({ file: "content" });
    using core = aCore({ before: (_, path) => (path.endsWith("/input") ? refusal(400, "no room for this") : undefined) });
    const { status, stderr } = await buildomat(["job", "run", "-n", "x", "-c", "true", "-i", "file"], {
      env: core.env,
      cwd: folder.path,
    });
    expect([status, stderr]).toEqual([3, `job ${JOB} was cancelled, as its inputs were not sent\nError: no room for this\n`]);
    expect(core.story.requests).toContain("POST /0/jobs/JOB/cancel");
  });

  test.each([
    [["-c", "true"], "-n (--name) is required"],
    [["-n", "x"], "give one of -c (--script), -C (--script-file) and -f (--file)"],
    [["-n", "x", "-c", "a", "-C", "b"], "give one of -c (--script), -C (--script-file) and -f (--file)"],
    [["-n", "x", "-C", "missing.sh"], "there is no file missing.sh"],
    [["-n", "x", "-c", "true", "-e", "novalue"], "--env novalue: expected KEY=VALUE"],
    [
      ["-n", "x", "-c", "true", "--timeout", "soon"],
      "--timeout soon: expected a time of at least a second and at most a year, such as 90, 10m or 2h",
    ],
    [
      ["-n", "x", "-c", "true", "--silence", "0"],
      "--silence 0: expected a time of at least a second and at most a year, such as 90, 10m or 2h",
    ],
    [["-n", "x", "-c", "true", "--retries", "11"], "--retries 11: expected a number from 0 to 10"],
    [["-n", "x", "-c", "true", "-i", "missing"], "there is no file missing"],
    [["-n", "x", "-c", "true", "-i", "a/b=file"], '"a/b" cannot be the name of an input: it must be a name without a slash'],
    [["-n", "x", "-c", "true", "-d", "a=b"], '"b" is not the id of a job: expected 26 letters and digits'],
    [["-f", "missing.sh"], "there is no file missing.sh"],
  ])("makes no job of %p", async (args, message) => {
    using core = aCore();
    using folder = aFolder({ file: "" });
    const { status, stderr } = await buildomat(["job", "run", ...args], { env: core.env, cwd: folder.path });
    expect([status, stderr]).toEqual([2, `ERROR: ${message}\n`]);
    expect(core.story.submitted).toEqual([]);
  });
});

describe("job run --file", () => {
  const jobFile = (...toml: string[]) =>
    ["#!/bin/bash", '#: name = "build"', '#: variety = "basic"', ...toml.map((line) => `#: ${line}`), "make", ""].join("\n");

  test("runs a job file on the working tree around it", async () => {
    using core = aCore();
    using folder = aFolder({ "job.sh": jobFile('output_rules = ["/work/out"]'), "main.c": "int main(void) {}\n" });
    const args = ["job", "run", "-W", "-f", "job.sh", "-O", "/more", "--repository", "oxide/tree"];
    const { status, stderr } = await buildomat(args, { env: core.env, cwd: folder.path });
    expect([status, stderr]).toEqual([0, ""]);
    const [submitted] = core.story.submitted as [{ tasks: { name: string; workdir: string | null }[] }];
    expect(submitted).toMatchObject({
      name: "build",
      target: "default",
      output_rules: ["/work/out", "/more"],
      inputs: ["source.tar.gz"],
    });
    expect(submitted.tasks.map(({ name, workdir }) => [name, workdir])).toEqual([
      ["setup", null],
      ["unpack sources", "/home/build"],
      ["build", "/work/oxide/tree"],
    ]);
    const listing = Bun.spawnSync(["tar", "-tzf", "-"], { stdin: core.story.inputs.get("source.tar.gz") ?? new Uint8Array() });
    expect(listing.stdout.toString().split("\n").sort()).toEqual(["", "job.sh", "main.c"]);
  });

  test("takes its limits from the file, unless told otherwise, and says what it does not do", async () => {
    using core = aCore();
    const keys = [
      'timeout = "2h"',
      'silence = "5m"',
      "retries = 3",
      'secrets = ["KEY"]',
      'access_repos = ["o/r"]',
      "skip_clone = true",
    ];
    using folder = aFolder({ "job.sh": jobFile(...keys) });
    const place = { env: core.env, cwd: folder.path };
    const { stderr } = await buildomat(["job", "run", "-W", "-f", "job.sh"], place);
    expect(stderr).toContain("cannot read o/r");
    expect(stderr).toContain("`buildomat job store put -s JOB NAME`: KEY");
    await buildomat(["job", "run", "-W", "-f", "job.sh", "--timeout", "1m", "--retries", "0"], place);
    expect(core.story.submitted).toMatchObject([
      { timeout_seconds: 7200, silence_seconds: 300, retries_on_lost_worker: 3 },
      { timeout_seconds: 60, silence_seconds: 300, retries_on_lost_worker: 0 },
    ]);
  });

  test.each([
    [
      "everything that is wrong in it",
      jobFile('target = ""', "colour = 5"),
      [],
      /job\.sh:4: target: expected .*\njob\.sh:5: colour is not a key/s,
    ],
    ["that it is switched off", jobFile("enable = false"), [], "it is switched off"],
    ["the dependency that it needs", jobFile("[dependencies.image]", 'job = "make image"'), [], "--depend-on image=JOB"],
    ["the missing rust-toolchain.toml", jobFile("rust_toolchain = true"), [], "there is no rust-toolchain.toml"],
    ["what does not go with it", jobFile(), ["-e", "A=b"], "--env does not go with --file"],
  ])("names %s", async (_, text, args, message) => {
    using core = aCore();
    using folder = aFolder({ "job.sh": text });
    const { status, stderr } = await buildomat(["job", "run", "-f", "job.sh", ...args], { env: core.env, cwd: folder.path });
    expect(stderr).toMatch(message);
    expect([status, core.story.submitted]).toEqual([2, []]);
  });
});

describe("job why", () => {
  test.each([
    [{ state: "completed" as const, reason: "job completed" }, "The job has completed.\n"],
    [{ state: "failed" as const, reason: "job failed: task 0 failed" }, "The job has failed: task 0 failed\n"],
    [{ state: "failed" as const, reason: "it was cancelled" }, "The job has failed: it was cancelled\n"],
    [{ state: "queued" as const, reason: null }, "The job is queued.\n    a machine\n"],
  ])("says %p in a sentence", async ({ state, reason }, said) => {
    const attempts = [{ number: 1, worker: null, state, times: {}, reason }];
    using core = aCore({ job: aJob({ state, attempts, waiting_for: state === "queued" ? ["a machine"] : [] }) });
    expect((await buildomat(["job", "why", JOB], { env: core.env })).stdout).toBe(said);
  });
});

describe("job copy", () => {
  const OUTPUTS = [
    output("/work/out/a.txt", "first"),
    output("/work/out/bb.txt", "second"),
    output("/work/other/a.txt", "third"),
  ];

  test("says which file it cannot write", async () => {
    using core = aCore({ outputs: OUTPUTS });
    using folder = aFolder({ file: "" });
    const { status, stderr } = await buildomat(["job", "copy", JOB, "/work/out/a.txt", "file/below"], {
      env: core.env,
      cwd: folder.path,
    });
    expect(stderr).toStartWith("ERROR: cannot write file/below: ");
    expect(status).toBe(2);
  });

  test("fetches one file to a name, checked", async () => {
    using core = aCore({ outputs: OUTPUTS });
    using folder = aFolder();
    const { status, stderr } = await buildomat(["job", "copy", JOB, "/work/out/a.txt", "here"], {
      env: core.env,
      cwd: folder.path,
    });
    expect([status, stderr]).toEqual([0, `/work/out/a.txt -> here (5 bytes, SHA-256 ${sha256("first")})\n`]);
    expect(readFileSync(join(folder.path, "here"), "utf8")).toBe("first");
  });

  test("prints one file, byte by byte, and nothing of one that is not right", async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
    const broken = { ...output("/work/out/broken-one", "right"), data: Buffer.from("wrong") };
    using core = aCore({
      outputs: [
        ...OUTPUTS,
        { ...output("/work/out/some-bytes", ""), size: bytes.length, sha256: sha256(bytes), data: bytes },
        broken,
      ],
    });
    using folder = aFolder();
    const child = start(["job", "copy", JOB, "/work/out/some-bytes", "-"], { env: core.env, cwd: folder.path });
    expect(sha256(await new Response(child.stdout).bytes())).toBe(sha256(bytes));
    expect([await child.exited, await new Response(child.stderr).text()]).toEqual([0, ""]);
    const print = (...args: string[]) => buildomat(["job", "copy", JOB, ...args], { env: core.env, cwd: folder.path });
    expect(await print("/work/out/broken-one", "-")).toMatchObject({ status: 3, stdout: "" });
    expect((await print("/work/out/*.txt", "-")).stderr).toBe("ERROR: - takes one output, and several match\n");
    expect((await print("--json", "/work/out/a.txt", "-")).stderr).toBe("ERROR: --json and - both want standard output\n");
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("fetches what a pattern matches into a folder, which it makes", async () => {
    using core = aCore({ outputs: OUTPUTS });
    using folder = aFolder();
    await buildomat(["job", "cp", JOB, "/work/out/*", "in/here"], { env: core.env, cwd: folder.path });
    expect(readdirSync(join(folder.path, "in/here")).sort()).toEqual(["a.txt", "bb.txt"]);
  });

  test("keeps whole paths on request, and else refuses to write one over the other", async () => {
    using core = aCore({ outputs: OUTPUTS });
    using folder = aFolder();
    const twice = await buildomat(["job", "copy", JOB, "/**/a.txt", "here"], { env: core.env, cwd: folder.path });
    expect(twice.stderr).toBe("ERROR: /work/out/a.txt and /work/other/a.txt would both become here/a.txt: use --full-path\n");
    await buildomat(["job", "copy", "-P", JOB, "/**/a.txt", "here"], { env: core.env, cwd: folder.path });
    expect(readFileSync(join(folder.path, "here/work/other/a.txt"), "utf8")).toBe("third");
  });

  test("leaves the folder for no name that the job made up", async () => {
    using core = aCore({ outputs: [output("/work/../../escaped", "x"), output("/work/..", "y")] });
    using folder = aFolder();
    for (const path of ["/work/../../escaped", "/work/.."]) {
      const { status, stderr } = await buildomat(["job", "copy", "-P", JOB, path, "in"], { env: core.env, cwd: folder.path });
      expect([status, stderr]).toEqual([2, `ERROR: the output ${path} would land outside of in\n`]);
    }
    expect(existsSync(join(folder.path, "escaped"))).toBe(false);
  });

  test("leaves nothing when the content is not what was recorded", async () => {
    using core = aCore({ outputs: [{ ...output("/a", "right"), data: new TextEncoder().encode("wrong") }] });
    using folder = aFolder();
    const { status, stderr } = await buildomat(["job", "copy", JOB, "/a", "a"], { env: core.env, cwd: folder.path });
    expect(status).toBe(3);
    expect(stderr).toContain("the SHA-256 of what came is");
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("says which outputs there are", async () => {
    using core = aCore({ outputs: OUTPUTS });
    const { status, stderr } = await buildomat(["job", "copy", JOB, "/nope", "x"], { env: core.env });
    expect(status).toBe(2);
    expect(stderr).toStartWith("ERROR: no output of the job is called /nope; there are\n    /work/out/a.txt\n");
  });
});

describe("job verify", () => {
  test("says that log and outputs are as recorded", async () => {
    using core = aCore({ job: aJob({ log: LOG }), events: EVENTS, outputs: [output("/a", "content")] });
    const { status, stdout } = await buildomat(["job", "verify", JOB], { env: core.env });
    expect([status, stdout]).toEqual([
      0,
      `ok   log (4 of 4 events)\n     ${LOG.sha256}\nok   /a (7 of 7 bytes)\n     ${sha256("content")}\n`,
    ]);
  });

  test.each([
    ["a lost line", { events: EVENTS.slice(0, 3) }, "BAD  log (3 of 4 events)"],
    ["another file", { outputs: [{ ...output("/a", "x"), data: new TextEncoder().encode("y") }] }, "BAD  /a"],
  ])("finds %s", async (_, story, line) => {
    using core = aCore({ job: aJob({ log: LOG }), events: EVENTS, ...story });
    const { status, stdout } = await buildomat(["job", "verify", JOB], { env: core.env });
    expect(status).toBe(1);
    expect(stdout).toContain(line);
  });

  test("waits for no job that still runs", async () => {
    using core = aCore({ job: aJob({ state: "running", log: null }) });
    const { status, stderr } = await buildomat(["job", "verify", JOB], { env: core.env });
    expect([status, stderr]).toEqual([1, `the log of job ${JOB} is not sealed: the job is running\n`]);
  });
});

describe("job join", () => {
  test("waits for its jobs through the watch", async () => {
    using core = aCore();
    const { status, stderr } = await buildomat(["job", "join", "-v", JOB, JOB], { env: core.env });
    expect([status, stderr]).toEqual([0, `${JOB}: running\n${JOB}: completed\n`]);
  });

  test("ends with status 1 when one failed, and with 0 when there is none", async () => {
    using core = aCore({ job: aJob({ state: "failed" }) });
    expect(await buildomat(["job", "join", JOB], { env: core.env })).toMatchObject({ status: 1, stderr: `job ${JOB} failed\n` });
    expect((await buildomat(["job", "join"], { env: core.env })).status).toBe(0);
  });
});

describe("job list", () => {
  test("prints each page before it asks for the next", async () => {
    const printed = Promise.withResolvers<void>();
    using core = aCore({
      before: async (request, path) => {
        if (path !== "/1/jobs" || !request.url.includes("page_token")) return undefined;
        await printed.promise;
        return undefined;
      },
    });
    const child = start(["job", "list"], { env: core.env });
    let seen = "";
    for await (const bytes of child.stdout) {
      seen += new TextDecoder().decode(bytes);
      if (seen.includes(JOB)) printed.resolve();
    }
    expect(seen).toStartWith("ID ");
    expect(await child.exited).toBe(0);
  });

  test("shows a cancelled job as one, and finds it by that", async () => {
    using core = aCore({ job: aJob({ state: "failed", cancelled: true }) });
    const { stdout } = await buildomat(["job", "ls", "-F", "cancelled", "-H", "-o", "s,state,name,id"], { env: core.env });
    expect(stdout).toBe(`X\tcancelled\tbuild\t${JOB}\n`);
    expect((await buildomat(["job", "ls", "-H", "-F", "failed"], { env: core.env })).stdout).toBe("");
  });

  test("refuses a column or state that there is not", async () => {
    using core = aCore();
    const columns = await buildomat(["job", "ls", "-s", "colour"], { env: core.env });
    expect(columns.stderr).toBe("ERROR: there is no column colour; there are id, age, s, name, state\n");
    expect((await buildomat(["job", "ls", "-F", "odd"], { env: core.env })).status).toBe(2);
  });

  test("prints JSON lines as they come with -U", async () => {
    using core = aCore();
    const { stdout } = await buildomat(["job", "ls", "-U", "--json"], { env: core.env });
    expect(JSON.parse(stdout)).toMatchObject({ id: JOB, state: "completed" });
  });
});

describe("job store", () => {
  test("put and get carry a value; a lone newline at its end is not part of it", async () => {
    using core = aCore();
    const run = (args: string[], stdin?: string) =>
      buildomat(["job", "store", ...args], { env: core.env, ...(stdin === undefined ? {} : { stdin }) });
    expect((await run(["put", JOB, "a", "given"])).status).toBe(0);
    await run(["put", JOB, "b"], "piped\n");
    await run(["put", JOB, "c"], "two\nlines\n");
    await run(["put", "-s", JOB, "d", "hidden"]);
    expect(Object.entries(core.story.store).map(([name, { value, secret }]) => [name, value, secret])).toEqual([
      ["a", "given", false],
      ["b", "piped", false],
      ["c", "two\nlines\n", false],
      ["d", null, true],
    ]);
    expect((await run(["get", JOB, "c"])).stdout).toBe("two\nlines\n");
    expect(await run(["get", JOB, "d"])).toMatchObject({
      status: 2,
      stderr: "ERROR: d is secret: only the job itself can read it\n",
    });
    expect((await run(["list", "-H", "-o", "name,flags,value", JOB])).stdout).toBe(
      "a\t-\tgiven\nb\t-\tpiped\nc\t-\ttwo lines \nd\tS\t-\n",
    );
  });
});

describe("job timings", () => {
  const times = { submit: "2026-01-01T00:00:00.250Z", assigned: "2026-01-01T00:00:09Z", complete: "2026-01-01T00:01:00Z" };

  test("prints the times in their order, or the seconds between two", async () => {
    using core = aCore({ job: aJob({ times }) });
    const all = await buildomat(["job", "timings", JOB], { env: core.env });
    expect(all.stdout.split("\n")[0]).toBe(`${JOB} 2026-01-01T00:00:00.250Z submit`);
    const between = await buildomat(["job", "timings", "-I", "assigned,complete", JOB], { env: core.env });
    expect(between.stdout).toBe(`${JOB} 2026-01-01T00:00:09Z 51\n`);
    const together = { complete: times.submit, ready: times.submit, submit: times.submit };
    core.story.job = aJob({ times: together });
    const lines = (await buildomat(["job", "timings", JOB], { env: core.env })).stdout.trimEnd().split("\n");
    expect(lines.map((line) => line.split(" ")[2])).toEqual(["submit", "ready", "complete"]);
    core.story.job = aJob({ times });
    const missing = await buildomat(["job", "timings", "-I", "ready,complete", JOB], { env: core.env });
    expect(missing.stdout).toBe(`${JOB} missing\n`);
  });

  test("knows of the machine, which may be older than the job", async () => {
    const waited = { launched: "2025-12-31T23:00:00Z", online: "2025-12-31T23:00:41Z", ready: times.submit, ...times };
    using core = aCore({ job: aJob({ times: waited }) });
    const lines = (await buildomat(["job", "timings", JOB], { env: core.env })).stdout.trimEnd().split("\n");
    expect(lines.map((line) => line.split(" ")[2])).toEqual(["launched", "online", "submit", "ready", "assigned", "complete"]);
    const boot = await buildomat(["job", "timings", "-I", "launched,online", JOB], { env: core.env });
    expect(boot.stdout).toBe(`${JOB} 2025-12-31T23:00:00Z 41\n`);
  });

  const attempts: Attempt[] = [
    {
      number: 1,
      worker: null,
      state: "failed",
      reason: "worker W was lost",
      times: { ready: "2026-01-01T00:00:00Z", online: "2026-01-01T00:00:41Z" },
      phases: { queue: 0.254, boot: 41.2, handover: 0, run: null },
    },
    {
      number: 2,
      worker: null,
      state: "completed",
      reason: "job completed",
      times: { ready: "2026-01-01T00:10:00Z", online: "2026-01-01T00:00:41Z" },
      phases: { queue: 3, boot: 0, handover: 1.5, run: 125 },
    },
  ];
  const FIRST = "attempt 1: queue 0.25 s, boot 41 s; worker W was lost";
  const SECOND = "attempt 2: queue 3.00 s, no boot: the machine was there, handover 1.50 s, run 2 m 5 s";

  test("--phases tells what each attempt took; so does `job why`", async () => {
    const cost = { instance_seconds: 190.5, money: 0.02171, currency: "USD" };
    using core = aCore({ job: aJob({ attempts, cost }) });
    const told = await buildomat(["job", "timings", "--phases", JOB], { env: core.env });
    expect(told.stdout).toBe(`${JOB} ${FIRST}\n${JOB} ${SECOND}\n${JOB} machine time 3 m 10 s, 0.0217 USD\n`);
    const json = JSON.parse((await buildomat(["job", "timings", "-P", "--json", JOB], { env: core.env })).stdout);
    expect(json[JOB].cost).toEqual(cost);
    expect(json[JOB].attempts[0]).toEqual({ number: 1, worker: null, reason: "worker W was lost", ...attempts[0]?.phases });
    const why = await buildomat(["job", "why", JOB], { env: core.env });
    expect(why.stdout).toBe(`The job has completed.\n    ${FIRST}\n    ${SECOND}\n    machine time 3 m 10 s, 0.0217 USD\n`);
    expect(JSON.parse((await buildomat(["job", "why", "--json", JOB], { env: core.env })).stdout)).toMatchObject({
      phases: attempts[1]?.phases,
      cost,
    });
    core.story.job = aJob({ attempts: attempts.slice(1) });
    const one = await buildomat(["job", "timings", "-P", JOB], { env: core.env });
    expect(one.stdout).toBe(`${JOB} ${SECOND.replace("attempt 2: ", "")}\n`);
  });

  test.each([
    [{ instance_seconds: 7300, money: 12.3456, currency: "EUR" }, "machine time 2 h 1 m 40 s, 12.35 EUR\n"],
    [{ instance_seconds: 60, money: null, currency: "EUR" }, "machine time 1 m 0 s, whose price is not known\n"],
    [{ instance_seconds: 60, money: null, currency: null }, "machine time 1 m 0 s\n"],
    [null, ""],
  ])("of %j says what is known", async (cost, said) => {
    using core = aCore({ job: aJob({ cost }) });
    const told = await buildomat(["job", "timings", "-P", JOB], { env: core.env });
    expect(told.stdout).toBe(said && `${JOB} ${said}`);
  });

  test("takes either an interval or phases", async () => {
    using core = aCore();
    const { status, stderr } = await buildomat(["job", "timings", "-P", "-I", "ready,assigned", JOB], { env: core.env });
    expect([status, stderr]).toEqual([2, expect.stringContaining("not both")]);
  });
});
