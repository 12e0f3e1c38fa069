import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aDirectory } from "./fixture.ts";
import { OutputRules } from "./outputs.ts";

/** Rules as a job's owner writes them. */
const rules = (root: string, ...texts: string[]) =>
  new OutputRules(
    texts.map((text) => {
      const [, sigils = "", path = ""] = /^([!=%]*)(.*)$/.exec(text) ?? [];
      return {
        rule: root + path,
        ignore: sigils.includes("!"),
        require_match: sigils.includes("="),
        size_change_ok: sigils.includes("%"),
      };
    }),
  );

function aTree() {
  const place = aDirectory();
  for (const name of ["sub", "sub/deep"]) mkdirSync(join(place.path, name));
  for (const name of ["a.txt", "b.log", "sub/c.txt", "sub/deep/d.log"]) writeFileSync(join(place.path, name), name);
  return place;
}

const found = async (root: string, of: OutputRules) => {
  const { files, errors, warnings } = await of.find(1000);
  return { files: files.map(({ path, mayChange }) => (mayChange ? "%" : "") + path.slice(root.length)), errors, warnings };
};

test("files are taken once, in the order of the rules; directories are not", async () => {
  using place = aTree();
  const { files } = await found(place.path, rules(place.path, "/sub/*", "/**/*.txt", "/a.txt", "/./a.txt"));
  expect(files).toEqual(["/sub/c.txt", "/a.txt"]);
});

test("an exclusion wins wherever it stands, and reaches below", async () => {
  using place = aTree();
  const { files } = await found(place.path, rules(place.path, "!/*.log", "/**/*", "!/a*"));
  expect(files).toEqual(["/sub/c.txt"]);
});

test("a file may change where any rule says so", async () => {
  using place = aTree();
  const { files } = await found(place.path, rules(place.path, "/*", "%/*.log", "/sub/deep/*"));
  expect(files).toEqual(["/a.txt", "%/b.log", "%/sub/deep/d.log"]);
});

test("a rule that names folders alone is worth a warning", async () => {
  using place = aTree();
  const { files, warnings } = await found(place.path, rules(place.path, "/sub/**", "/sub/deep/**/*"));
  expect(files).toEqual(["/sub/deep/d.log"]);
  expect(warnings).toEqual([`${place.path}/sub/** names folders alone: the files in them are ${place.path}/sub/**/*`]);
});

test("a link to nothing is worth a warning", async () => {
  using place = aTree();
  symlinkSync("nowhere", join(place.path, "link"));
  const { files, errors, warnings } = await found(place.path, rules(place.path, "/link", "/a.txt"));
  expect(files).toEqual(["/a.txt"]);
  expect(errors).toEqual([]);
  expect(warnings).toHaveLength(1);
});

test("a rule that must match wants a file that has arrived", async () => {
  using place = aTree();
  const of = rules(place.path, "=/*.txt", "=%/*.log", "=/missing");
  await of.find(1000);
  expect(of.unsatisfied).toHaveLength(3);
  of.satisfy(`${place.path}/sub/c.txt`);
  of.satisfy(`${place.path}/b.log`);
  expect(of.unsatisfied).toEqual([`${place.path}/missing`]);
});

test("a rule without meaning is an error, and the others hold", async () => {
  using place = aTree();
  const of = rules(place.path, "/a**", "/a.txt");
  expect(of.errors).toHaveLength(1);
  expect((await found(place.path, of)).files).toEqual(["/a.txt"]);
});
