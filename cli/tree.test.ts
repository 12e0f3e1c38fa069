import { expect, test } from "bun:test";
import { type Group, isGroup } from "../core/common/command/command.ts";
import { commandHelp, groupHelp } from "../core/common/command/help.ts";
import { GLOBAL } from "./command.ts";
import type { Context } from "./context.ts";
import { tree } from "./tree.ts";

interface Helps {
  groups: string[];
  commands: string[];
}

/** The help of everything in the tree, also of what is hidden. */
async function collect(path: string[], group: Group<Context>, { groups, commands }: Helps): Promise<void> {
  groups.push(groupHelp(path, group, GLOBAL));
  for (const [name, node] of Object.entries(group.commands)) {
    const words = [...path, name];
    if (isGroup(node)) await collect(words, node, { groups, commands });
    else commands.push(commandHelp(words, node.about, (await node.load()).default, GLOBAL));
  }
}

const { groups, commands }: Helps = { groups: [], commands: [] };
await collect([], tree, { groups, commands });

/** `job list -T -F -U -o -s -S -H -p`: words, options of its own, arguments. */
function synopsis(help: string): string {
  const [, words = "", args = ""] = /^Usage: (.*?) \[OPTS\](.*)/.exec(help) ?? [];
  const [own = ""] = help.slice(help.indexOf("Options:")).split("\n        --help");
  const options = [...own.matchAll(/^ {4}(?:(-.), | {4})(--[a-z-]+)/gm)].map(([, short, long]) => short ?? long);
  return [words, ...options].join(" ") + args;
}

test("the tree, with options and arguments", () => {
  expect(commands.map(synopsis).join("\n")).toMatchInlineSnapshot(`
    "login --url --ca
    info
    check -v
    job run -n -c -C -f --source --repository -t -e -E -O -i -d -T --timeout --silence --retries -W -v
    job list -T -F -U -o -s -S -H -p
    job tail --from JOB
    job join -v [JOB]...
    job cancel JOB
    job outputs -o -s -S -H -p JOB
    job copy -P JOB SRC DST
    job dump JOB...
    job timings -I -P JOB...
    job why JOB
    job sign -x JOB SRC
    job publish JOB SRC SERIES VERSION NAME
    job verify JOB
    job store list -o -s -S -H -p JOB
    job store get JOB NAME
    job store put -s JOB NAME [VALUE]
    admin dashboard -w -r -v
    admin control hold
    admin control resume
    admin control recycle
    admin user list -o -s -S -H -p
    admin user create NAME
    admin user show USER
    admin user grant USER PRIVILEGE
    admin user revoke USER PRIVILEGE
    admin user rotate USER
    admin user revoke-token USER
    admin user disable --cancel-jobs USER
    admin user enable USER
    admin factory list -o -s -S -H -p
    admin factory create NAME
    admin factory enable -h FACTORY
    admin factory disable FACTORY
    admin factory drain -W FACTORY
    admin factory rotate FACTORY
    admin target list -o -s -S -H -p
    admin target create -d NAME
    admin target rename -d TARGET NEWNAME
    admin target redirect TARGET TO
    admin target unredirect TARGET
    admin target restrict TARGET PRIVILEGE
    admin target unrestrict TARGET
    admin worker list -A -h -U -o -s -S -H -p
    admin worker show WORKER
    admin worker tail WORKER
    admin worker hold -r WORKER...
    admin worker release -v WORKER...
    admin worker recycle WORKER...
    admin job list -T -F -U -o -s -S -H -p
    admin job dump JOB...
    admin job archive JOB...
    admin job purge JOB...
    control hold
    control resume
    control recycle
    worker list -A -h -U -o -s -S -H -p
    worker show WORKER
    worker tail WORKER
    worker hold -r WORKER...
    worker release -v WORKER...
    worker recycle WORKER...
    completion SHELL
    complete [WORD]..."
  `);
});

test("every help fits a terminal of 80 columns", () => {
  const wide = [...groups, ...commands].flatMap((help) => help.split("\n").filter((line) => line.length > 80));
  expect(wide).toEqual([]);
});

test("no two options of a command have the same short form", () => {
  for (const help of commands) {
    const letters = [...help.matchAll(/^ {4}(-.), --/gm)].map(([, letter]) => letter);
    expect(new Set(letters).size, help).toBe(letters.length);
  }
});
