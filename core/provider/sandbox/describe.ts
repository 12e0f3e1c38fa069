import type { Cgroups } from "./cgroups.ts";
import type { Limits, SandboxConfig } from "./config.ts";
import type { IdMap } from "./map.ts";

interface Described {
  kind: IdMap["kind"];
  config: SandboxConfig;
  limits: Limits;
  cgroups: Cgroups;
}

const MAPS: Record<IdMap["kind"], string> = {
  direct: "id range map",
  newuidmap: "id range map",
  single: "single id map (no second user, no setuid)",
};

/** What a person who looks at a worker should know about its isolation, whatever its root is made of. */
export function describe({ kind, config, limits, cgroups }: Described): Record<string, string> {
  return {
    isolation: `namespaces, ${MAPS[kind]}`,
    network: config.network,
    memory: cgroups.enforces("memory") ? inGiB(limits.memory) : "not limited: control groups cannot be written",
    disk: `${inGiB(limits.disk)}, in memory`,
    processes: `${limits.processes} of each user`,
  };
}

/** The level as a whole, as docs/sandbox.md names it, with what the root is made of. */
export function withRoot(
  details: Record<string, string>,
  kind: IdMap["kind"],
  image: string | undefined,
): Record<string, string> {
  const single = kind === "single";
  const root = image ? `image ${image}` : "host /usr read-only";
  const level = image ? (single ? "B" : "A") : single ? "D" : "C";
  return { level, ...details, isolation: `${details["isolation"]}, ${root}, ${details["network"]} network` };
}

const inGiB = (bytes: number) => `${Math.round((bytes / 1024 ** 3) * 10) / 10} GiB`;
