import { describe, expect, test } from "bun:test";
import { BadJobFile, parseJobFile } from "./parse.ts";

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
      name: "build",
      enable: true,
      dependencies: {},
      target: "default",
      outputRules: [],
      rustToolchain: false,
      accessRepos: [],
      publish: [],
      skipClone: false,
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
      "[dependencies.image]",
      'job = "make image"',
      "[[publish]]",
      'from_output = "/work/a"',
      'series = "image"',
      'name = "a.tar.gz"',
    );
    expect(parseJobFile(text, "build.sh")).toMatchObject({
      dependencies: { image: "make image" },
      target: "helios-2.0",
      outputRules: ["/work/a", "=%/work/b*", "!/work/c"],
      rustToolchain: true,
      accessRepos: ["oxide/secret"],
      publish: [{ fromOutput: "/work/a", series: "image", name: "a.tar.gz" }],
      skipClone: true,
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
        "build.sh:3: name: expected the name of the job: name = "build"",
        "build.sh:5: varieti is not a key: expected one of name, variety, enable, dependencies, output_rules, rust_toolchain, target, access_repos, publish, skip_clone",
        "build.sh:7: output_rules[1]: expected an absolute path, before it ! (leave out), = (must be there), % (may change) or both of the last",
        "build.sh:8: access_repos[0]: expected "owner/name" of a repository",
        "build.sh:11: dependencies.x.extra is not a key: expected { job = "the name of another job" }, and nothing else",
        "build.sh:12: publish[0].from_output is missing: expected the path of an output",
        "build.sh:12: publish[0].name is missing: expected 2 to 48 characters of A-Z a-z 0-9 . _ -",
        "build.sh:13: publish[0].series: expected 2 to 48 characters of A-Z a-z 0-9 . _ -",
      ]
    `);
  });

  test.each(["enabled", "disable", "disabled"])("%s is a misspelling that is not let pass", (key) => {
    expect(complaints(withToml(...MINIMAL, `${key} = false`))).toEqual([
      `build.sh:5: ${key} is not a key: write enable = true or enable = false`,
    ]);
  });
});
