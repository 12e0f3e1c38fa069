import { writeFileSync } from "node:fs";

/** First id inside, first id outside, how many. */
export type Range = readonly [inside: number, outside: number, count: number];

/**
 * Which ids of the host the ids of a box are, and who may write that down.
 * - `direct`: ranges that root writes itself, others for each slot;
 * - `newuidmap`: ranges of /etc/subuid, written by the setuid helpers of the package uidmap;
 * - `single`: the box's root is the user that runs the factory, and there is no other id.
 */
export interface IdMap {
  kind: "direct" | "newuidmap" | "single";
  uids: readonly Range[];
  gids: readonly Range[];
}

/** Writes the map of a process whose user namespace is fresh. @throws Error naming what refused */
export async function writeMap(pid: number, { kind, uids, gids }: IdMap): Promise<void> {
  if (kind === "newuidmap") {
    await Promise.all([runMapper("newuidmap", pid, uids), runMapper("newgidmap", pid, gids)]);
    return;
  }
  // The kernel lets a plain user map its group only once the box has given up changing its groups.
  if (kind === "single") writeFileSync(`/proc/${pid}/setgroups`, "deny");
  writeFileSync(`/proc/${pid}/uid_map`, asText(uids));
  writeFileSync(`/proc/${pid}/gid_map`, asText(gids));
}

const asText = (ranges: readonly Range[]) => ranges.map((range) => `${range.join(" ")}\n`).join("");

async function runMapper(tool: string, pid: number, ranges: readonly Range[]): Promise<void> {
  const child = Bun.spawn([tool, `${pid}`, ...ranges.flat().map(String)], { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const said = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`${tool}: ${said.trim() || "failed"}`);
}

/** The ids of the user that runs this. */
export const ownIds = (): { uid: number; gid: number } => ({ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });

export function singleMap(): IdMap {
  const { uid, gid } = ownIds();
  return { kind: "single", uids: [[0, uid, 1]], gids: [[0, gid, 1]] };
}

/** What one box needs: ids of people and services below, `nobody` at the top. */
export const BOX_IDS = 65_536;
/** Most slots of one factory. */
export const MOST_SLOTS = 128;
/** Below lie the ranges of people's /etc/subuid and of systemd's containers, above those that systemd keeps. */
const FIRST_RANGE = 0x7000_0000;
const GROUPS = 31;

/**
 * The range of a slot where the factory runs as root. No two slots share an id, and two factories of one host only do so
 * by rare chance, which would merely make their boxes' ids equal.
 *
 * @param seed any number that differs between the factories of a host
 */
export function directMap(seed: number, slot: number): IdMap {
  const base = FIRST_RANGE + ((seed % GROUPS) * MOST_SLOTS + slot) * BOX_IDS;
  return { kind: "direct", uids: [[0, base, BOX_IDS]], gids: [[0, base, BOX_IDS]] };
}

/** The range that all boxes on images have where the factory runs as root: the files of an image belong to one range only. */
export function imageMap(): IdMap {
  const base = FIRST_RANGE + GROUPS * MOST_SLOTS * BOX_IDS;
  return { kind: "direct", uids: [[0, base, BOX_IDS]], gids: [[0, base, BOX_IDS]] };
}

/**
 * The first range of at least 65,536 ids that /etc/subuid (or subgid) gives to the user.
 *
 * @param owners the user's name and number, as the file may use either
 */
export function subordinateRange(text: string, owners: readonly string[]): number | undefined {
  for (const line of text.split("\n")) {
    const [owner = "", base, count] = line.split(":");
    if (owners.includes(owner) && Number(count) >= BOX_IDS) return Number(base);
  }
  return undefined;
}

export function subordinateMap(uidBase: number, gidBase: number): IdMap {
  return { kind: "newuidmap", uids: [[0, uidBase, BOX_IDS]], gids: [[0, gidBase, BOX_IDS]] };
}

/** The same ids with the caller's own as root and the box's root as 1: to hand over what the caller owns. */
export function handOverMap(map: IdMap): IdMap {
  const { uid, gid } = ownIds();
  const shifted = (own: number, [first]: readonly Range[]): Range[] => [
    [0, own, 1],
    ...(first ? [[1, first[1], 1] as const] : []),
  ];
  return { kind: map.kind, uids: shifted(uid, map.uids), gids: shifted(gid, map.gids) };
}
