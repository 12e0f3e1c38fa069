import { expect, test } from "bun:test";
import { basicJob, type Source } from "./basic.ts";
import { parseJobFile } from "./parse.ts";

const file = (...toml: string[]) =>
  parseJobFile(
    ["#!/bin/bash", '#: name = "build"', '#: variety = "basic"', ...toml.map((line) => `#: ${line}`), "", "make"].join("\n"),
    "build.sh",
  );
const ARCHIVE: Source = { from: "archive", input: "source.tar.gz", directory: "oxide/tree" };
const GITHUB: Source = {
  from: "git",
  repository: "oxide/tree",
  sha: "a".repeat(40),
  branch: "main",
  cloneUrl: "https://github.com/oxide/tree",
  tokenFor: ["https://github.com", "https://api.github.com"],
};

const names = (source: Source, ...toml: string[]) =>
  basicJob(file(...toml), source, { channel: "stable", profile: "default" }).tasks.map(({ name }) => name);

test("from GitHub the job clones with a token, from an archive it unpacks", () => {
  expect(names(GITHUB)).toEqual(["setup", "rust-toolchain", "authentication", "clone repository", "build"]);
  expect(names(GITHUB, "skip_clone = true")).toEqual(["setup", "rust-toolchain", "authentication", "build"]);
  expect(names(ARCHIVE)).toEqual(["setup", "rust-toolchain", "unpack sources", "build"]);
  expect(names({ from: "none" })).toEqual(["setup", "rust-toolchain", "build"]);
});

test("only the set-up is root's; the file itself runs where the sources are", () => {
  const { tasks } = basicJob(file(), ARCHIVE);
  expect(tasks.map(({ uid, workdir }) => [uid, workdir])).toEqual([
    [null, null],
    [12345, "/home/build"],
    [12345, "/work/oxide/tree"],
  ]);
  expect(tasks.at(-1)?.script).toBe(file().script);
  expect(basicJob(file("skip_clone = true"), { from: "none" }).tasks.at(-1)?.workdir).toBe("/work");
});

test("the environment tells what is known of the commit", () => {
  const [setup, ...others] = basicJob(file(), GITHUB).tasks;
  expect(setup?.env).toEqual({});
  const more: Record<string, object> = {
    authentication: { TOKEN_FOR: "https://github.com https://api.github.com" },
    "clone repository": { CLONE_URL: "https://github.com/oxide/tree" },
  };
  for (const { name, env } of others)
    expect(env).toEqual({
      ...more[name],
      HOME: "/home/build",
      USER: "build",
      LOGNAME: "build",
      CI: "true",
      PATH: "/home/build/.cargo/bin:/usr/bin:/bin:/usr/sbin:/sbin:/opt/ooce/bin:/opt/ooce/sbin",
      GITHUB_REPOSITORY: "oxide/tree",
      GITHUB_SHA: "a".repeat(40),
      GITHUB_BRANCH: "main",
      GITHUB_REF: "refs/heads/main",
    });
});

test("target and output rules come from the file as they are", () => {
  for (const source of [ARCHIVE, GITHUB])
    expect(basicJob(file('target = "plain"', 'output_rules = ["=/work/out/*"]'), source)).toMatchObject({
      target: "plain",
      output_rules: ["=/work/out/*"],
    });
});

test("reports are kept without a rule of their own", () => {
  const rules = 'output_rules = ["=/work/a.xml"]';
  const report = (path: string) => ["[[reports]]", 'kind = "junit"', `path = "${path}"`];
  const job = basicJob(file(rules, ...report("/work/a.xml"), ...report("/work/b/*.xml"), ...report("/work/b/*.xml")), GITHUB);
  expect(job.output_rules).toEqual(["=/work/a.xml", "/work/b/*.xml"]);
});

test("a rule that would take the token along does not", () => {
  expect(basicJob(file('output_rules = ["/home/**"]'), GITHUB).output_rules).toEqual(["/home/**", "!/home/build/.netrc"]);
  expect(basicJob(file('output_rules = ["%/home/*/.n*"]'), GITHUB).output_rules).toContain("!/home/build/.netrc");
  expect(basicJob(file('output_rules = ["/home/**"]'), ARCHIVE).output_rules).toEqual(["/home/**"]);
});

test("without a token nobody waits for one", () => {
  expect(names({ ...GITHUB, tokenFor: [] })).toEqual(["setup", "rust-toolchain", "clone repository", "build"]);
});

test("limits are of the whole job, the environment of the file alone", () => {
  const text = ['timeout = "90m"', 'silence = "5m"', "retries = 3", "[env]", 'MODE = "fast"'];
  const { tasks, ...job } = basicJob(file(...text), ARCHIVE);
  expect(job).toMatchObject({ timeout_seconds: 5400, silence_seconds: 300, retries_on_lost_worker: 3 });
  expect(tasks.map(({ env }) => env["MODE"])).toEqual([undefined, undefined, "fast"]);
  const plain = basicJob(file(), ARCHIVE);
  expect(plain).toMatchObject({ retries_on_lost_worker: 1 });
  expect(plain).not.toHaveProperty("timeout_seconds");
});

test("every script of ours is bash without a syntax error", () => {
  for (const { name, script } of basicJob(file(), GITHUB, { channel: "stable", profile: "default" }).tasks)
    expect([name, Bun.spawnSync(["bash", "-n"], { stdin: Buffer.from(script) }).exitCode]).toEqual([name, 0]);
});
