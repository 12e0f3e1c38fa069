import { expect, test } from "bun:test";
import { dirname, join, normalize } from "node:path";

/** Where a file may import from, by the longest prefix of its path that stands here. Its own folder is always allowed. */
const MAY_IMPORT: Record<string, string[]> = {
  "core/common/": [],
  "core/client/": ["core/common/"],
  "core/jobfile/": ["core/common/"],
  "core/http/": ["core/common/", "core/core.ts", "core/db/change.ts"],
  "core/db/": ["core/common/", "core/core.ts", "core/log/logs.ts"],
  "core/log/": ["core/common/"],
  "core/file/": ["core/common/"],
  "core/storage/": ["core/common/", "core/log/pack.ts"],
  "core/provider/": ["core/common/", "core/client/", "core/jobfile/"],
  "core/": ["core/"],
  "agent/": ["core/common/", "core/client/", "core/jobfile/"],
  "cli/": ["core/common/", "core/client/", "core/jobfile/", "package.json"],
  "wollongong/": ["core/common/", "core/client/", "core/jobfile/", "package.json"],
};

const NOUNS = ["user", "target", "job", "worker", "factory"];

/** Tests and their fixtures may look everywhere. */
const files = [...new Bun.Glob("{core,agent,cli,wollongong}/**/*.{ts,tsx}").scanSync(".")]
  .filter((file) => !/\.test\.ts$|\.d\.ts$|fixture|(^|\/)fake/.test(file))
  .sort();

const importsOf = new Map<string, string[]>();
for (const file of files) {
  const source = await Bun.file(file).text();
  const found = [...source.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, path = ""]) =>
    normalize(join(dirname(file), path)),
  );
  importsOf.set(file, found);
}

test("there are files to look at", () => {
  expect(files.length).toBeGreaterThan(100);
});

test("every file imports only what its folder may", () => {
  const wrong: string[] = [];
  for (const [file, imports] of importsOf) {
    const room = Object.keys(MAY_IMPORT)
      .filter((prefix) => file.startsWith(prefix))
      .sort((a, b) => b.length - a.length)[0];
    if (!room) continue;
    const allowed = [room, ...(MAY_IMPORT[room] ?? [])];
    for (const path of imports) if (!allowed.some((prefix) => path.startsWith(prefix))) wrong.push(`${file} -> ${path}`);
  }
  expect(wrong).toEqual([]);
});

test("http/ and db/ know no noun", () => {
  const wrong = [...importsOf].flatMap(([file, imports]) =>
    /^core\/(http|db)\//.test(file) ? imports.filter((path) => NOUNS.some((noun) => path.startsWith(`core/${noun}/`))) : [],
  );
  expect(wrong).toEqual([]);
});

/** `FROM job`, `INTO attempt` and the like: a noun's tables are touched by its own folder alone. */
test("no noun touches another's tables", async () => {
  const owner = new Map<string, string>();
  for (const noun of NOUNS) {
    const { tables } = (await import(`../core/${noun}/table.ts`)) as { tables: object };
    for (const table of Object.keys(tables)) owner.set(table, noun);
  }
  const wrong: string[] = [];
  for (const file of files) {
    const noun = NOUNS.find((name) => file.startsWith(`core/${name}/`));
    if (!noun) continue;
    const source = await Bun.file(file).text();
    for (const [, table = ""] of source.matchAll(/\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)\b/g)) {
      const of = owner.get(table);
      if (of && of !== noun) wrong.push(`${file}: ${table} belongs to ${of}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("no circle of imports", () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: string[]) => {
    const at = way.indexOf(file);
    if (at >= 0) circles.push([...way.slice(at), file].join(" -> "));
    if (at >= 0 || done.has(file)) return;
    for (const next of importsOf.get(file) ?? []) if (importsOf.has(next)) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});
