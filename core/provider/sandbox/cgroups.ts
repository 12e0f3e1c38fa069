import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf, reasonOf } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";

interface CgroupLimits {
  /** Bytes, files in memory included. */
  memory: number;
  processes: number;
}

const ROOT = "/sys/fs/cgroup";

/** A group in one hierarchy (version 1 has one for each controller), and what the kernel calls the limits there. */
interface Hierarchy {
  directory: string;
  limits: Partial<Record<keyof CgroupLimits, string>>;
}

/** The groups in which ours may be made: below this process's own, or, where groups with processes have no children, beside it. */
function places(): Hierarchy[] {
  const own = readFileSync("/proc/self/cgroup", "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(":"));
  const ownOf = (controller: string) => own.find(([, controllers]) => controllers?.split(",").includes(controller))?.[2] ?? "/";
  if (existsSync(join(ROOT, "cgroup.controllers")))
    return [{ directory: join(ROOT, ownOf(""), ".."), limits: { memory: "memory.max", processes: "pids.max" } }];
  return [
    { directory: join(ROOT, "memory", ownOf("memory")), limits: { memory: "memory.limit_in_bytes" } },
    { directory: join(ROOT, "pids", ownOf("pids")), limits: { processes: "pids.max" } },
  ];
}

/** Control groups that hold each box to its limits, as far as this host lets us write them. */
export class Cgroups {
  readonly #hierarchies: readonly Hierarchy[];
  readonly #limits: CgroupLimits;

  /** @param name tells the groups of one factory from those of another */
  constructor(name: string, limits: CgroupLimits, logger: Logger) {
    this.#limits = limits;
    this.#hierarchies = places()
      .map((place) => ({ ...place, directory: join(place.directory, name) }))
      .filter((hierarchy) => open(hierarchy, logger));
    this.#removeBoxes();
  }

  /** Whether the kernel enforces the limit. */
  enforces(limit: keyof CgroupLimits): boolean {
    return this.#hierarchies.some(({ limits }) => limits[limit] !== undefined);
  }

  /** The groups of a slot's box: their `cgroup.procs` files. */
  of(slot: number): string[] {
    return this.#hierarchies.map(({ directory, limits }) => {
      const group = join(directory, `box-${slot}`);
      mkdirSync(group, { recursive: true });
      for (const [limit, file] of Object.entries(limits))
        writeFileSync(join(group, file), String(this.#limits[limit as keyof CgroupLimits]));
      return join(group, "cgroup.procs");
    });
  }

  /** Every box must be gone. */
  remove(): void {
    this.#removeBoxes();
    for (const { directory } of this.#hierarchies) removeGroup(directory);
  }

  #removeBoxes(): void {
    for (const { directory } of this.#hierarchies)
      for (const name of readdirSync(directory)) if (name.startsWith("box-")) removeGroup(join(directory, name));
  }
}

/** Makes the factory's own group, with the controllers that its boxes need. @returns whether it can be used */
function open({ directory, limits }: Hierarchy, logger: Logger): boolean {
  try {
    if (!statSync(join(directory, "..")).isDirectory()) return false;
    mkdirSync(directory, { recursive: true });
    const controllers = join(directory, "cgroup.subtree_control");
    if (existsSync(controllers)) writeFileSync(controllers, "+memory +pids");
    const probe = join(directory, "box-probe");
    mkdirSync(probe, { recursive: true });
    const missing = Object.values(limits).filter((file) => !existsSync(join(probe, file)));
    rmdirSync(probe);
    if (missing.length > 0) throw new Error(`${missing.join(", ")} is missing`);
    return true;
  } catch (error) {
    logger.debug("control groups cannot be used", { directory, error: reasonOf(error) });
    if (existsSync(directory)) removeGroup(directory);
    return false;
  }
}

/** A group in which a box of a killed factory is still dying stays: it is used again, and removed another time. */
function removeGroup(group: string): void {
  try {
    rmdirSync(group);
  } catch (error) {
    if (codeOf(error) !== "EBUSY") throw error;
  }
}
