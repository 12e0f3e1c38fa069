import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseJobFile } from "./parse.ts";
import { BasicKeys } from "./schema.ts";

const text = readFileSync(join(import.meta.dir, "../../docs/job-files.md"), "utf8");
const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(([, block = ""]) => block);
/** As it stands in a file; the tables come last. */
const asFile = (toml: string) =>
  ["#!/bin/bash", 'name = "x"', 'variety = "basic"', ...toml.split("\n")].map((line, i) => (i ? `#: ${line}` : line)).join("\n");

test("every example in docs/job-files.md is a job file, or a part of one", () => {
  const files = blocks("bash").filter((block) => block.startsWith("#!"));
  expect(files).toHaveLength(1);
  for (const file of files) expect(parseJobFile(file, "docs").outputRules).toHaveLength(2);
  for (const block of blocks("toml")) expect(() => parseJobFile(asFile(block), "docs")).not.toThrow();
});

test("every key is explained and shown", () => {
  const examples = [...blocks("toml"), ...blocks("bash")].join("\n");
  for (const key of Object.keys(BasicKeys.properties)) {
    expect([key, new RegExp(`^\\| .*\`${key}\`.* \\|`, "m").test(text)]).toEqual([key, true]);
    expect([key, new RegExp(`(^|\\s|\\[)${key}( = |[.\\]])`, "m").test(examples)]).toEqual([key, true]);
  }
});
