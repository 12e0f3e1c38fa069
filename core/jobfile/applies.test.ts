import { expect, test } from "bun:test";
import { type Change, whySkipped } from "./applies.ts";

const JOB = { branches: undefined, paths: undefined, pathsIgnore: [] };
const why = (job: { branches?: string[]; paths?: string[]; pathsIgnore?: string[] }, change: Partial<Change>) =>
  whySkipped({ ...JOB, ...job }, { branch: "main", paths: ["src/a.ts", "README.md"], ...change });

test("a job that says nothing runs for everything", () => {
  expect(why({}, {})).toBeUndefined();
  expect(why({}, { branch: undefined, paths: undefined })).toBeUndefined();
  expect(why({}, { paths: [] })).toBeUndefined();
});

test.each([
  [["main"], "main", undefined],
  [["release/*"], "release/1.0", undefined],
  [["release/*"], "release/1.0/fix", "it runs on the branch release/* only, and this is release/1.0/fix"],
  [["release/**"], "release/1.0/fix", undefined],
  [["main", "v?"], "topic", "it runs on the branches main, v? only, and this is topic"],
  [["main"], undefined, "it runs on the branch main only, and this commit is on no branch of the repository"],
])("branches %p for %p", (branches, branch, reason) => {
  expect(why({ branches }, { branch })).toBe(reason);
});

test.each([
  [["src/**"], undefined],
  [["*.md"], undefined],
  [["*.ts"], "no file that has changed is among its paths, *.ts"],
  [["**/*.ts"], undefined],
  [["src"], "no file that has changed is among its paths, src"],
  [["src/*.{js,ts}"], undefined],
])("paths %p", (paths, reason) => {
  expect(why({ paths }, {})).toBe(reason);
});

test("files that begin with a dot are files", () => {
  expect(why({ paths: ["**/*.yml"] }, { paths: [".github/workflows/ci.yml"] })).toBeUndefined();
});

test("a job runs unless all that has changed is ignored", () => {
  expect(why({ pathsIgnore: ["**/*.md"] }, {})).toBeUndefined();
  expect(why({ pathsIgnore: ["**/*.md"] }, { paths: ["a.md", "docs/b.md"] })).toBe(
    "all files that have changed are among its paths_ignore, **/*.md",
  );
  expect(why({ paths: ["src/**"], pathsIgnore: ["**/*.md"] }, { paths: ["src/a.md", "lib/b.ts"] })).toBe(
    "of its paths only such have changed as are among its paths_ignore, **/*.md",
  );
});

test("what is not known to have changed may have", () => {
  expect(why({ paths: ["src/**"] }, { paths: undefined })).toBeUndefined();
  expect(why({ paths: ["src/**"] }, { paths: Array.from({ length: 3001 }, (_, i) => `docs/${i}`) })).toBeUndefined();
  expect(why({ paths: ["src/**"] }, { paths: [] })).toBe("no file has changed");
});

test("a long list is told in short", () => {
  const paths = Array.from({ length: 20 }, (_, i) => `${i}/**`);
  expect(why({ paths }, {})).toEndWith("6/**, 7/** and 12 more");
});
