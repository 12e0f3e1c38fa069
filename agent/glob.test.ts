import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BadPattern } from "../core/common/pattern.ts";
import { aDirectory } from "./fixture.ts";
import { Glob } from "./glob.ts";

const place = aDirectory();
const root = place.path;
afterAll(() => place[Symbol.dispose]());

beforeAll(() => {
  for (const file of [
    "a.txt",
    "b.txt",
    ".hidden",
    "A.txt",
    "x[1]",
    "d/a.txt",
    "d/e/f/deep.txt",
    "d/e/b.txt",
    "d2/z.txt",
    "ünï.txt",
  ]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "");
  }
  symlinkSync(".", join(root, "d", "loop"));
  symlinkSync("../d2", join(root, "d", "aside"));
  symlinkSync("nowhere", join(root, "dangling"));
  writeFileSync(Buffer.concat([Buffer.from(join(root, "d2/")), Buffer.from([0xff, 0x2e, 0x74])]), "");
});

const expand = async (pattern: string) => {
  const skipped: string[] = [];
  const paths = await new Glob(`${root}/${pattern}`).expand((message) => skipped.push(message));
  return { paths: paths.map((path) => path.slice(root.length + 1)), skipped };
};

describe("the files that a pattern names", () => {
  test.each([
    ["a.txt", ["a.txt"]],
    ["missing", []],
    ["missing/*", []],
    ["a.txt/*", []],
    ["?.txt", ["A.txt", "a.txt", "b.txt"]],
    ["[ab].txt", ["a.txt", "b.txt"]],
    ["[!a].txt", ["A.txt", "b.txt"]],
    ["[A-Z].txt", ["A.txt"]],
    ["x[[]1[]]", ["x[1]"]],
    ["*.txt", ["A.txt", "a.txt", "b.txt", "ünï.txt"]],
    ["*hidden", [".hidden"]],
    ["dang*", ["dangling"]],
    ["dangling", ["dangling"]],
    ["d/*/b.txt", ["d/e/b.txt"]],
    ["**/deep.txt", ["d/e/f/deep.txt"]],
    ["d/**/*.txt", ["d/a.txt", "d/e/b.txt", "d/e/f/deep.txt", "d/aside/z.txt"].sort()],
    ["**/z.txt", ["d2/z.txt"]],
    ["d//e///b.txt", ["d/e/b.txt"]],
    ["d/./a.txt", ["d/./a.txt"]],
    ["d/../a.txt", ["d/../a.txt"]],
    ["d2/**", ["d2"]],
  ])("%s", async (pattern, paths) => expect((await expand(pattern)).paths).toEqual(paths));

  test("leave out what cannot be named, and say so", async () => {
    const { paths, skipped } = await expand("d2/*");
    expect(paths).toEqual(["d2/z.txt"]);
    expect(skipped).toHaveLength(1);
  });
});

describe("a whole path", () => {
  test.each([
    ["/tmp/*.jpg", "/tmp/a/b.jpg", true],
    ["/var/*", "/var/log/x", true],
    ["/a?b", "/a/b", true],
    ["/work//d/u", "/work/d/u", false],
    ["/a/**/z", "/a/z", true],
    ["/a/**/z", "/a/b/c/z", true],
    ["/a/**/z", "/a/bz", false],
    ["/a/**", "/a/b/c", true],
    ["/a.b", "/axb", false],
    ["/a[*]", "/a*", true],
    ["/a[]]", "/a]", true],
    ["/a[!]]", "/ab", true],
    ["/a[z-a]", "/ab", false],
    ["/a[b-]", "/a-", true],
    ["/a[^b]", "/ac", false],
    ["/?", "/😀", true],
    ["/a", "/A", false],
    ["/a", "/ab", false],
    ["/a\nb*", "/a\nb\nc", true],
  ])("%j, %j: %p", (pattern, path, fits) => expect(new Glob(pattern).matches(path)).toBe(fits));
});

test.each(["/a**", "/***", "/**a", "/a[", "/a[]", "/a[!]", "/a[b/c]", "relative", ""])("%p is no pattern", (pattern) =>
  expect(() => new Glob(pattern)).toThrow(BadPattern),
);
