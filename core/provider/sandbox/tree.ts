import { chownSync, rmdirSync, rmSync } from "node:fs";
import { handOverMap, type IdMap, ownIds } from "./map.ts";
import { enter } from "./namespaces.ts";

/** Makes the box's root the owner of a directory of ours. */
export async function handOver(path: string, map: IdMap): Promise<void> {
  if (map.kind === "direct") chownSync(path, map.uids[0]?.[1] ?? 0, map.gids[0]?.[1] ?? 0);
  if (map.kind === "newuidmap") await runInside(["chown", "1:1", path], handOverMap(map));
}

/** Deletes a directory whose files may belong to the map's ids, where there is one. */
export async function removeTree(path: string, map: IdMap | undefined): Promise<void> {
  if (map?.kind !== "newuidmap" || ownIds().uid === 0) return rmSync(path, { recursive: true, force: true });
  await runInside(["find", path, "-mindepth", "1", "-delete"], map);
  rmdirSync(path);
}

/** Runs a program as root of the map's ids. @throws Error with what it said */
export async function runInside(argv: readonly string[], map: IdMap): Promise<void> {
  const said: string[] = [];
  const entered = await enter(argv, { map, line: (text) => said.push(text) });
  if ((await entered.ended) !== 0)
    throw new Error(`sandbox: ${argv.slice(0, 2).join(" ")}: ${said.slice(-3).join("; ") || "failed"}`);
}
