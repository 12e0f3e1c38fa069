import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDirectory } from "./fixture/host.ts";
import { Skeletons } from "./skeletons.ts";

test("what a factory left that was killed at any step is cleared, so that the next one can begin anew", async () => {
  const directory = openDirectory();
  const begun = (name: string) => mkdirSync(join(directory, name, "root"), { recursive: true });
  begun("without-map");
  begun("map-cut-short");
  writeFileSync(join(directory, "map-cut-short.json"), '{"kind":');
  writeFileSync(join(directory, "map-alone.json"), JSON.stringify({ kind: "single", uids: [], gids: [] }));
  await new Skeletons({ directory, agent: "/bin/false", hidden: [] }).removeAll();
  expect(readdirSync(directory)).toEqual([]);
  rmSync(directory, { recursive: true });
});
