import { expect, test } from "bun:test";
import { type Group, isGroup } from "../../core/common/command/command.ts";
import { commandHelp, groupHelp } from "../../core/common/command/help.ts";
import { GLOBAL } from "./command.ts";
import type { Context } from "./context.ts";
import { tree } from "./tree.ts";

/** The help of everything in the tree. */
async function helps(path: string[], group: Group<Context>): Promise<string[]> {
  const parts = Object.entries(group.commands).map(async ([name, node]) =>
    isGroup(node)
      ? await helps([...path, name], node)
      : [commandHelp([...path, name], node.about, (await node.load()).default, GLOBAL)],
  );
  return [groupHelp(path, group, GLOBAL), ...(await Promise.all(parts)).flat()];
}

const all = await helps(["wollongong-dbtool"], tree);

test("every help fits a terminal of 80 columns", () => {
  expect(all.flatMap((help) => help.split("\n").filter((line) => line.length > 80))).toEqual([]);
});

test("no two options of a command have the same short form", () => {
  for (const help of all) {
    const letters = [...help.matchAll(/^ {4}(-.), --/gm)].map(([, letter]) => letter);
    expect(new Set(letters).size, help).toBe(letters.length);
  }
});
