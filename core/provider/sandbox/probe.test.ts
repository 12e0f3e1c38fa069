import { afterAll, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { openDirectory } from "./fixture/host.ts";
import { ownIds } from "./map.ts";
import { CannotIsolate, probe } from "./probe.ts";

const stage = openDirectory();
afterAll(() => rmSync(stage, { recursive: true }));

/** A view of our own, in which a plain user must first become somebody who may change it. */
const OWN_VIEW = ownIds().uid === 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"];

/** Probes as a program that runs where `change` has changed what the kernel allows; returns what it found. */
function probedAfter(change: string, view = OWN_VIEW): string {
  const script = `const { probe, probeUsr } = await import(${JSON.stringify(join(import.meta.dir, "probe.ts"))});
const stage = ${JSON.stringify(stage)};
try {
  const { kind, mapOf } = await probe(stage, 1, false);
  await probeUsr(mapOf(0), stage);
  console.log("found", kind);
} catch (error) {
  console.log(error.message);
}`;
  const inside = ["sh", "-c", `${change}; exec "$0" -e "$1"`, process.execPath, script];
  return Bun.spawnSync(["unshare", ...view, ...inside], { env: process.env }).stdout.toString();
}

const here = await probe(stage, 1, false).catch((error: unknown) => error);

if (here instanceof CannotIsolate)
  test("says which step this host refused", () => {
    expect(here.message).toMatch(/id map: .+: .+/);
  });
else {
  test("finds a way where nothing is changed", () => {
    expect(probedAfter("true")).toMatch(/^found (direct|single)\n/);
  });

  test("names the step that failed where there are no user namespaces", () => {
    expect(probedAfter("echo 0 >/proc/sys/user/max_user_namespaces", ["--user", "--map-root-user"])).toMatch(
      /cannot isolate jobs: .*id map: make user, mount, .+ namespaces: unshare: .*No space left.+NO isolation/,
    );
  });

  test("names the step that failed under a masked /proc, as containers have it", () => {
    expect(probedAfter("mount --bind /dev/null /proc/cmdline")).toMatch(/id map: mount \/proc: mount: .*permission denied/i);
  });

  test("names what is mounted below the host's /usr, where boxes cannot be shown it", () => {
    expect(probedAfter("mount -t tmpfs none /usr/local")).toMatch(
      /\/usr cannot be shown to jobs: mount an overlay over it: .+ mounted inside, here \/usr\/local\. Give each target an image/,
    );
  });

  test("names the step that failed where a tool is missing", () => {
    expect(probedAfter("mount --bind /dev/null /usr/bin/setpriv")).toMatch(/id map: .+setpriv/);
  });
}
