import type { Cgroups } from "./cgroups.ts";
import type { Limits, SandboxConfig } from "./config.ts";
import type { IdMap } from "./map.ts";
import type { Root } from "./pool.ts";

interface Described {
  kind: IdMap["kind"];
  config: SandboxConfig;
  limits: Limits;
  cgroups: Cgroups;
  root: Root;
}

/** What a person who looks at a worker should know of its isolation; docs/sandbox.md explains the levels. */
export function describe({ kind, config, limits, cgroups, root }: Described): Record<string, string> {
  const single = kind === "single";
  const level = root !== undefined ? "A" : single ? "D" : "C";
  const shown = root === undefined ? "host /usr read-only" : `image ${root}`;
  return {
    isolation: `namespaces, ${single ? "single id" : "id range"} map, ${shown}, ${config.network} network`,
    level,
    network: config.network,
    memory: cgroups.enforces("memory") ? inGiB(limits.memory) : "not limited: control groups cannot be written",
    disk: `${inGiB(limits.disk)}, in memory`,
    processes: `${limits.processes} of each user`,
    ...(single ? { lacks: "a second user id, setuid programs" } : {}),
  };
}

const inGiB = (bytes: number) => `${Math.round((bytes / 1024 ** 3) * 10) / 10} GiB`;
