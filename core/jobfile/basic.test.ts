import { expect, test } from "bun:test";
import { basicJob, type Source } from "./basic.ts";
import { parseJobFile } from "./parse.ts";

const file = (...toml: string[]) =>
  parseJobFile(
    ["#!/bin/bash", '#: name = "build"', '#: variety = "basic"', ...toml.map((line) => `#: ${line}`), "", "make"].join("\n"),
    "build.sh",
  );
const ARCHIVE: Source = { from: "archive", input: "source.tar.gz", directory: "oxide/tree" };
const GITHUB: Source = { from: "github", repository: "oxide/tree", sha: "a".repeat(40), branch: "main" };

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
    [null, "/"],
    [12345, "/home/build"],
    [12345, "/work/oxide/tree"],
  ]);
  expect(tasks.at(-1)?.script).toBe(file().script);
  expect(basicJob(file("skip_clone = true"), { from: "none" }).tasks.at(-1)?.workdir).toBe("/work");
});

test("the environment tells what is known of the commit", () => {
  const [setup, ...others] = basicJob(file(), GITHUB).tasks;
  expect(setup?.env).toEqual({});
  for (const { env } of others)
    expect(env).toEqual({
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
  const job = basicJob(file('target = "plain"', 'output_rules = ["=/work/out/*"]'), ARCHIVE);
  expect(job).toMatchObject({ target: "plain", output_rules: ["=/work/out/*"] });
});

test("every script of ours is bash without a syntax error", () => {
  for (const { name, script } of basicJob(file(), GITHUB, { channel: "stable", profile: "default" }).tasks)
    expect([name, Bun.spawnSync(["bash", "-n"], { stdin: Buffer.from(script) }).exitCode]).toEqual([name, 0]);
});
