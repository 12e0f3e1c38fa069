import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { aFolder, sha256 } from "./fixture.ts";
import { archiveWorktree, commitOf, listWorktree, topOf } from "./worktree.ts";

/** A tree with rules about what does not belong to it. */
function aTree() {
  const folder = aFolder();
  const files = {
    ".gitignore": "*.o\n/build/\nnode_modules\n!keep.o\n# comment\nlogs/**/*.txt\n",
    "main.c": "int main;",
    "main.o": "ignored",
    "keep.o": "wanted",
    "build/out": "ignored",
    "sub/build/in": "wanted: the rule is about the top",
    "sub/node_modules/x.js": "ignored",
    "sub/.gitignore": "*.tmp\n!main.o\n",
    "sub/main.o": "wanted here",
    "sub/a.tmp": "ignored",
    "logs/deep/down/a.txt": "ignored",
    "logs/deep/a.md": "wanted",
    "\u00e4 b": "odd name",
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), text);
  }
  chmodSync(join(folder.path, "main.c"), 0o755);
  symlinkSync("main.c", join(folder.path, "link"));
  return folder;
}

const WANTED = [
  ".gitignore",
  "keep.o",
  "link",
  "logs/deep/a.md",
  "main.c",
  "sub/.gitignore",
  "sub/build/in",
  "sub/main.o",
  "\u00e4 b",
];

describe("a working tree", () => {
  test("is what its .gitignore files leave", async () => {
    using folder = aTree();
    expect(await listWorktree(folder.path)).toEqual(WANTED);
  });

  test("is the same where git lists it", async () => {
    using folder = aTree();
    // Where git is missing this is the test above once more.
    if (Bun.which("git")) expect(Bun.spawnSync(["git", "init", "-q"], { cwd: folder.path }).exitCode).toBe(0);
    expect(await listWorktree(folder.path)).toEqual(WANTED);
  });

  test("is found from the folder of its job files", () => {
    using folder = aTree();
    const jobs = join(folder.path, ".github/buildomat/jobs");
    mkdirSync(jobs, { recursive: true });
    expect(topOf(jobs)).toBe(folder.path);
    expect(topOf(join(folder.path, "sub"))).toBe(join(folder.path, "sub"));
    if (Bun.which("git")) Bun.spawnSync(["git", "init", "-q"], { cwd: folder.path });
    expect(topOf(jobs)).toBe(folder.path);
  });

  test("has no commit where git knows none", () => {
    using folder = aTree();
    expect(commitOf(folder.path)).toEqual({ repository: undefined, sha: undefined, branch: undefined });
  });
});

describe("its archive", () => {
  const unpack = (archive: string, to: string) => {
    mkdirSync(to);
    const run = Bun.spawnSync(["tar", "-xzf", archive, "-C", to]);
    expect([run.exitCode, run.stderr.toString()]).toEqual([0, ""]);
  };

  test("unpacks to the same files, links and permissions", async () => {
    using folder = aTree();
    using other = aFolder();
    const archive = join(other.path, "a.tar.gz");
    expect(await archiveWorktree(folder.path, archive)).toBe(WANTED.length);
    const to = join(other.path, "out");
    unpack(archive, to);
    expect(await listWorktree(to)).toEqual(WANTED);
    expect(readFileSync(join(to, "\u00e4 b"), "utf8")).toBe("odd name");
    expect(readlinkSync(join(to, "link"))).toBe("main.c");
    expect([statSync(join(to, "main.c")).mode & 0o777, statSync(join(to, "keep.o")).mode & 0o777]).toEqual([0o755, 0o644]);
  });

  test("holds names longer than a header has room for, and files of any size around a block", async () => {
    using folder = aFolder();
    using other = aFolder();
    const long = `${"d".repeat(90)}/${"e".repeat(90)}/${"f".repeat(90)}`;
    mkdirSync(dirname(join(folder.path, long)), { recursive: true });
    writeFileSync(join(folder.path, long), "deep");
    symlinkSync(`${"t".repeat(150)}`, join(folder.path, "link"));
    for (const size of [0, 511, 512, 513]) writeFileSync(join(folder.path, `size${size}`), "x".repeat(size));
    await archiveWorktree(folder.path, join(other.path, "a.tar.gz"));
    unpack(join(other.path, "a.tar.gz"), join(other.path, "out"));
    expect(readFileSync(join(other.path, "out", long), "utf8")).toBe("deep");
    expect(readlinkSync(join(other.path, "out/link"))).toBe("t".repeat(150));
    for (const size of [0, 511, 512, 513]) expect(statSync(join(other.path, `out/size${size}`)).size).toBe(size);
  });

  test("is the same for the same tree, whenever its files were written", async () => {
    using folder = aTree();
    using other = aFolder();
    const hash = async (name: string) => {
      await archiveWorktree(folder.path, join(other.path, name));
      return sha256(readFileSync(join(other.path, name)));
    };
    const first = await hash("a");
    utimesSync(join(folder.path, "main.c"), 1, 1);
    expect(await hash("b")).toBe(first);
    rmSync(join(folder.path, "keep.o"));
    expect(await hash("c")).not.toBe(first);
  });
});
