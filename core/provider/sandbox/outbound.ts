import { readFileSync } from "node:fs";
import { Explained, reasonOf } from "../../common/errors.ts";
import { type IdMap, ownIds } from "./map.ts";
import { enter } from "./namespaces.ts";

/**
 * pasta carries the connections that a box opens; none come in, and none reach a loopback service of the host: without
 * --no-map-gw the gateway's address would.
 */
const PASTA = [
  "pasta",
  "--foreground",
  "--quiet",
  "--config-net",
  "--no-map-gw",
  "-t",
  "none",
  "-u",
  "none",
  "-T",
  "none",
  "-U",
  "none",
];
const DEADLINE = 5000;
const NEEDED = 'sandbox.network = "outbound" needs pasta';

/** Gives the network namespace of a process a way out, until the function that comes back is called. @throws Error with what pasta said */
export async function openOutbound(pid: number): Promise<() => void> {
  // Started as root, pasta would become nobody, who may not enter the box's namespaces.
  const user = ownIds().uid === 0 ? ["--runas", "0:0"] : [];
  const into = ["--userns", `/proc/${pid}/ns/user`, "--netns", `/proc/${pid}/ns/net`];
  const child = Bun.spawn(["setpriv", "--pdeathsig", "KILL", ...PASTA, ...user, ...into], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = new Response(child.stderr).text();
  const end = performance.now() + DEADLINE;
  while (!hasDefaultRoute(pid)) {
    if (child.exitCode !== null || performance.now() > end) {
      child.kill("SIGKILL");
      throw new Explained(`pasta gives no network: ${(await said).trim().split("\n").at(-1) || "it did not come up"}`);
    }
    await Bun.sleep(5);
  }
  return () => child.kill("SIGKILL");
}

/** Column 2 of /proc/net/route is the destination. */
const hasDefaultRoute = (pid: number) =>
  readFileSync(`/proc/${pid}/net/route`, "utf8")
    .split("\n")
    .some((line) => line.split("\t")[1] === "00000000");

/** Whether boxes can be given a way out here. @throws Error that says what is missing */
export async function probeOutbound(map: IdMap): Promise<void> {
  if (!Bun.which("pasta")) throw new Explained(`${NEEDED}, which is not installed (Debian, Ubuntu: apt-get install passt)`);
  const entered = await enter(["sleep", "60"], { map, ownNetwork: true, line: () => {} });
  try {
    const close = await openOutbound(entered.init.pid);
    close();
  } catch (cause) {
    throw new Explained(`${NEEDED}, which does not work here: ${reasonOf(cause)}. May this user open /dev/net/tun?`, { cause });
  } finally {
    await entered.kill();
  }
}
