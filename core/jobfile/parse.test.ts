import { describe, expect, test } from "bun:test";
import { parseJobFile } from "./parse.ts";
import { BadJobFile } from "./problem.ts";

/** A job file with these lines of TOML. */
const withToml = (...toml: string[]) => ["#!/bin/bash", "#:", ...toml.map((line) => `#: ${line}`), "", "make"].join("\n");
const MINIMAL = ['name = "build"', 'variety = "basic"'];

const complaints = (text: string): string[] => {
  try {
    parseJobFile(text, "build.sh");
  } catch (error) {
    if (error instanceof BadJobFile) return error.message.split("\n");
    throw error;
  }
  return [];
};

describe("a job file", () => {
  test("needs a name and a variety, the rest has defaults", () => {
    expect(parseJobFile(withToml(...MINIMAL), "build.sh")).toEqual({
      path: "build.sh",
      name: "build",
      enable: true,
      dependencies: {},
      target: "default",
      outputRules: [],
      rustToolchain: false,
      accessRepos: [],
      publish: [],
      skipClone: false,
      timeout: undefined,
      silence: undefined,
      retries: 1,
      env: {},
      secrets: [],
      paths: undefined,
      pathsIgnore: [],
      branches: undefined,
      cancelSuperseded: false,
      reports: [],
      script: withToml(...MINIMAL),
    });
  });

  test("says everything it can say", () => {
    const text = withToml(
      ...MINIMAL,
      'target = "helios-2.0"',
      'output_rules = ["/work/a", "=%/work/b*", "!/work/c"]',
      "rust_toolchain = true",
      'access_repos = ["oxide/secret"]',
      "skip_clone = true",
      'timeout = "2h"',
      "silence = 600",
      "retries = 0",
      'secrets = ["DEPLOY_KEY", "DEPLOY_KEY"]',
      'paths = ["src/**", "*.toml"]',
      'paths_ignore = ["**/*.md"]',
      'branches = ["main", "release/*"]',
      "cancel_superseded = true",
      "[env]",
      'RUST_BACKTRACE = "1"',
      "[dependencies.image]",
      'job = "make image"',
      "[[publish]]",
      'from_output = "/work/a"',
      'series = "image"',
      'name = "a.tar.gz"',
      "[[publish]]",
      'from_output = "/work/log"',
      'series = "image"',
      'name = "log"',
      "always = true",
      "[[reports]]",
      'kind = "junit"',
      'path = "/work/out/*.xml"',
    );
    expect(parseJobFile(text, "build.sh")).toMatchObject({
      dependencies: { image: "make image" },
      target: "helios-2.0",
      outputRules: ["/work/a", "=%/work/b*", "!/work/c"],
      rustToolchain: true,
      accessRepos: ["oxide/secret"],
      publish: [
        { fromOutput: "/work/a", series: "image", name: "a.tar.gz", always: false },
        { fromOutput: "/work/log", series: "image", name: "log", always: true },
      ],
      skipClone: true,
      timeout: 7200,
      silence: 600,
      retries: 0,
      env: { RUST_BACKTRACE: "1" },
      secrets: ["DEPLOY_KEY"],
      paths: ["src/**", "*.toml"],
      pathsIgnore: ["**/*.md"],
      branches: ["main", "release/*"],
      cancelSuperseded: true,
      reports: [{ kind: "junit", path: "/work/out/*.xml" }],
    });
  });

  test.each([
    ["comments between", '#!/bin/sh\n# a comment\n#: name = "a"\n#\n#: variety = "basic"\n'],
    ["CRLF", '#!/bin/sh\r\n#: name = "a"\r\n#: variety = "basic"\r\necho\r\n'],
    ["more than one marker", '#!/bin/sh\n#:#: name = "a"\n#: variety = "basic"'],
  ])("may have %s", (_, text) => {
    expect(parseJobFile(text, "a.sh").name).toBe("a");
  });

  test("has its front matter before the first line that is no comment", () => {
    const text = '#!/bin/sh\n#: name = "a"\n#: variety = "basic"\n\n#: target = "b"\n';
    expect(parseJobFile(text, "a.sh").target).toBe("default");
  });

  test("that is switched off is not looked at further", () => {
    expect(parseJobFile(withToml(...MINIMAL, "enable = false", "output_rules = 5", "disabled = true"), "a.sh").enable).toBe(
      false,
    );
    expect(complaints(withToml("enable = false"))).toHaveLength(2);
  });
});

describe("what is wrong is named with its line, all of it at once", () => {
  test("no interpreter", () => {
    expect(complaints("")).toEqual(["build.sh:1: expected an interpreter line: #!/bin/bash"]);
  });

  test("no TOML", () => {
    expect(complaints("#!/bin/sh\n# hello\n#: name =\n")).toEqual([
      "build.sh:3: this is not TOML: incomplete key-value declaration: no value specified",
    ]);
  });

  test("keys and values", () => {
    const text = withToml(
      'name = ""',
      'target = "a"',
      'varieti = "basic"',
      'output_rules = ["/fine",',
      '  "relative"]',
      'access_repos = ["justname"]',
      "[dependencies.x]",
      'job = "b"',
      "extra = 5",
      "[[publish]]",
      'series = "x"',
    );
    expect(complaints(text)).toMatchInlineSnapshot(`
      [
        "build.sh:2: variety is missing: expected variety = "basic", the only one there is",
        "build.sh:3: name: expected the name of the job, of up to 100 characters, not "*control": name = "build"",
        "build.sh:5: varieti is not a key: expected one of name, variety, enable, dependencies, output_rules, rust_toolchain, target, access_repos, publish, skip_clone, timeout, silence, retries, env, secrets, paths, paths_ignore, branches, cancel_superseded, reports",
        "build.sh:7: output_rules[1]: expected an absolute path, before it ! (leave out), = (must be there), % (may change) or both of the last",
        "build.sh:8: access_repos[0]: expected "owner/name" of a repository",
        "build.sh:12: publish[0].from_output is missing: expected the whole path of an output, such as "/work/out/app"",
        "build.sh:12: publish[0].name is missing: expected 2 to 48 characters of A-Z a-z 0-9 . _ -",
        "build.sh:13: publish[0].series: expected 2 to 48 characters of A-Z a-z 0-9 . _ -",
      ]
    `);
  });

  test("patterns that could match nothing", () => {
    const text = withToml(
      ...MINIMAL,
      'output_rules = ["/work/[ab]",',
      '  "=/work/[ab"]',
      "[[reports]]",
      'kind = "tap"',
      'path = "/work/x**"',
    );
    expect(complaints(text)).toEqual([
      "build.sh:6: output_rules[1]: in /work/[ab, a [ is not closed",
      "build.sh:9: reports[0].path: in /work/x**, ** does not stand alone between slashes",
    ]);
  });

  test.each(["enabled", "disable", "disabled"])("%s is a misspelling that is not let pass", (key) => {
    expect(complaints(withToml(...MINIMAL, `${key} = false`))).toEqual([
      `build.sh:5: ${key} is not a key: write enable = true or enable = false`,
    ]);
  });

  test("what was added to the keys of old", () => {
    const text = withToml(
      ...MINIMAL,
      'timeout = "soon"',
      'silence = "3000d"',
      "retries = 11",
      'secrets = ["GITHUB_TOKEN"]',
      'paths = ["/src"]',
      "paths_ignore = []",
      'branches = ["refs/heads/main"]',
      'cancel_superseded = "yes"',
      "[env]",
      "A = 1",
      'GITHUB_SHA = "x"',
      "[[reports]]",
      'kind = "xunit"',
      'path = "out.xml"',
    );
    expect(complaints(text)).toMatchInlineSnapshot(`
      [
        "build.sh:5: timeout: expected a time of at least a second and at most a year: timeout = "90m", or seconds as a number",
        "build.sh:6: silence: expected a time of at least a second and at most a year: silence = "90m", or seconds as a number",
        "build.sh:7: retries: expected a number from 0 to 10: retries = 1",
        "build.sh:8: secrets[0]: expected the name of a secret, of letters, digits and _ (GITHUB_TOKEN is always there)",
        "build.sh:9: paths[0]: expected a path in the repository, without a slash at its ends: "docs/**", "*.md"",
        "build.sh:10: paths_ignore: expected a list of paths in the repository: paths_ignore = ["docs/**"]",
        "build.sh:11: branches[0]: expected the name of a branch, which may have wildcards: "main", "release/*"",
        "build.sh:12: cancel_superseded: expected cancel_superseded = true or cancel_superseded = false",
        "build.sh:14: env.A: expected a text: "value"",
        "build.sh:15: env.GITHUB_SHA is not a key: expected variables and their values: [env] NAME = "value"; GITHUB_*, BUILDOMAT_*, HOME, USER and LOGNAME are given",
        "build.sh:17: reports[0].kind: expected "junit", "tap" or "libtest"",
        "build.sh:18: reports[0].path: expected an absolute path, which may have wildcards",
      ]
    `);
  });

  test("a name that is reserved, and an address given out twice", () => {
    const publish = ["[[publish]]", 'from_output = "/a"', 'series = "aa"', 'name = "bb"'];
    expect(complaints(withToml('name = "*control"', 'variety = "basic"', ...publish, ...publish))).toEqual([
      'build.sh:3: name: expected the name of the job, of up to 100 characters, not "*control": name = "build"',
      "build.sh:9: publish[1]: aa/bb is published twice: expected another series or name",
    ]);
  });

  test("a flood of faults is cut short", () => {
    const keys = Array.from({ length: 3000 }, (_, i) => `key${i} = 1`);
    const lines = complaints(withToml(...MINIMAL, ...keys));
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toMatch(/^and \d+ more$/);
    expect(complaints(withToml(...MINIMAL, `${"k".repeat(500)} = 1`, '"a\\nb" = 1')).join("\n")).toMatch(
      /"a\\nb" is not.*\n.*k{60}\.\.\. is not/,
    );
  });

  test("a file that is too large is not looked at", () => {
    expect(complaints(`${withToml(...MINIMAL)}\n${"#".repeat(600_000)}`)).toEqual([
      "build.sh:1: the file is too large: expected at most 524288 bytes",
    ]);
    expect(complaints(withToml(...Array.from({ length: 70 }, () => `# ${"x".repeat(1000)}`)))).toEqual([
      "build.sh:1: the front matter is too large: expected at most 65536 characters",
    ]);
  });
});
