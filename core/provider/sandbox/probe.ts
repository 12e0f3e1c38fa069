import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { Explained, reasonOf } from "../../common/errors.ts";
import { directMap, type IdMap, ownIds, singleMap, subordinateMap, subordinateRange } from "./map.ts";
import { enter } from "./namespaces.ts";

/** What this host allows: how the ids of a slot's box are mapped. */
export interface Found {
  kind: IdMap["kind"];
  mapOf(slot: number): IdMap;
}

/** What was found, and why nothing stronger. */
export interface Probed extends Found {
  refused: readonly string[];
}

/** This host cannot isolate jobs. The message says which step it refused, and what a person can do. */
export class CannotIsolate extends Explained {
  constructor(refused: readonly string[]) {
    super(
      `this host cannot isolate jobs: ${refused.join("; ")}. ` +
        "In a container, start it with --privileged; on a host that restricts user namespaces, allow them " +
        "(sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns); " +
        'or set sandbox.isolation = "process", which gives NO isolation.',
    );
  }
}

/** How long one try may take, in ms. */
const PROBE_DEADLINE = 5000;

/**
 * Does for each way to map ids what a box does, in the same order, and says each step before it is tried. The kernel's
 * own answer is the only one that counts: containers, security modules and sysctls all refuse in their own places.
 */
const STEPS = `step() { echo "$1"; }
step "set a host name" && hostname probe &&
step "mount a tmpfs" && mount -t tmpfs -o size=1m,mode=0755 probe "$1" && mkdir "$1/l" "$1/u" "$1/w" "$1/m" "$1/p" &&
step "mount an overlay" && mount -t overlay -o "userxattr,lowerdir=$1/l,upperdir=$1/u,workdir=$1/w" probe "$1/m" && mkdir "$1/m/d" &&
step "mount /proc" && mount -t proc probe "$1/p" &&
step done`;

/** What a box without an image does with the host's /usr. */
const USR_STEPS = `step() { echo "$1"; }
step "mount a tmpfs" && mount -t tmpfs -o size=1m,mode=0755 probe "$1" && mkdir "$1/u" "$1/w" "$1/m" &&
step "mount an overlay over it" && mount -t overlay -o "userxattr,lowerdir=/usr,upperdir=$1/u,workdir=$1/w" probe "$1/m" &&
step done`;

/**
 * The best way to map ids that works here.
 *
 * @param stage a directory that boxes may mount over
 * @param seed see `directMap`
 * @throws CannotIsolate
 */
export async function probe(stage: string, seed: number, ownNetwork: boolean): Promise<Probed> {
  const refused: string[] = [];
  for (const found of candidates(seed)) {
    const reason = await tryOut(STEPS, found.mapOf(0), stage, ownNetwork);
    if (reason === undefined) return { ...found, refused };
    refused.push(`${found.kind} id map: ${reason}`);
  }
  throw new CannotIsolate(refused);
}

/**
 * Whether boxes can have this host's /usr. A file system that is mounted below it is in the way: the kernel shows a box no
 * directory without what is mounted in it, and an overlay cannot have both.
 *
 * @throws Explained
 */
export async function probeUsr(map: IdMap, stage: string): Promise<void> {
  const reason = await tryOut(USR_STEPS, map, stage, false);
  if (reason === undefined) return;
  const inside = mountsBelow("/usr");
  const mounted = inside.length > 0 ? `; a box cannot have it where something is mounted inside, here ${inside.join(", ")}` : "";
  throw new Explained(
    `this host's /usr cannot be shown to jobs: ${reason}${mounted}. Give each target an image: see docs/sandbox.md`,
  );
}

const mountsBelow = (directory: string) =>
  readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((at) => at.startsWith(`${directory}/`));

function candidates(seed: number): Found[] {
  const { uid } = ownIds();
  const single: Found = { kind: "single", mapOf: singleMap };
  if (uid === 0) {
    const direct: Found = { kind: "direct", mapOf: (slot) => directMap(seed, slot) };
    // The one id of a single map would be the host's root, from whom the kernel hides nothing; in a container it is another.
    return rootOfHost() ? [direct] : [direct, single];
  }
  const map = subordinate();
  return map ? [{ kind: "newuidmap", mapOf: () => map }, single] : [single];
}

const rootOfHost = () => /^\s*0\s+0\s/.test(readFileSync("/proc/self/uid_map", "utf8"));

function subordinate(): IdMap | undefined {
  const { uid, username } = userInfo();
  const owners = [username, String(uid)];
  const uids = subordinateRange(textOf("/etc/subuid"), owners);
  const gids = subordinateRange(textOf("/etc/subgid"), owners);
  return uids === undefined || gids === undefined ? undefined : subordinateMap(uids, gids);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** @returns what refused, and how; undefined when all went well */
async function tryOut(steps: string, map: IdMap, stage: string, ownNetwork: boolean): Promise<string | undefined> {
  const said: string[] = [];
  let step = "make user, mount, process, host name, ipc and control group namespaces";
  const line = (text: string, stream: "out" | "err") => {
    if (stream === "err") said.push(text);
    else step = text;
  };
  try {
    const entered = await enter(["sh", "-c", steps, "sh", stage], { map, ownNetwork, line });
    const late = setTimeout(() => void entered.kill(), PROBE_DEADLINE);
    await entered.ended;
    clearTimeout(late);
  } catch (error) {
    return `${step}: ${reasonOf(error)}`;
  }
  return step === "done" ? undefined : `${step}: ${said[0] ?? "no answer"}`;
}
