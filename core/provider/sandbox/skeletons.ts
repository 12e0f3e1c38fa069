import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SkeletonConfig } from "../../common/box.ts";
import type { IdMap } from "./map.ts";
import { handOver, removeTree, runInside } from "./tree.ts";

interface SkeletonsOptions {
  directory: string;
  /** Path of the agent's binary that the boxes' ids can reach. */
  agent: string;
  hidden: readonly string[];
}

/** The templates of boxes' roots: one per id map and image, made when first wanted, since its files belong to the map's ids. */
export class Skeletons {
  readonly #options: SkeletonsOptions;
  readonly #made = new Map<string, Promise<string>>();

  constructor(options: SkeletonsOptions) {
    this.#options = options;
  }

  /** @param image unpacked root file system; undefined for the host's own /usr */
  get(map: IdMap, image: string | undefined): Promise<string> {
    const key = Bun.hash(JSON.stringify([map, image])).toString(16);
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const path = this.#make(join(this.#options.directory, key), map, image);
    this.#made.set(key, path);
    path.catch(() => this.#made.delete(key));
    return path;
  }

  async #make(at: string, map: IdMap, image: string | undefined): Promise<string> {
    const { agent, hidden } = this.#options;
    mkdirSync(at);
    // With what map its files can be deleted, also by a factory started later.
    writeFileSync(`${at}.json`, JSON.stringify(map));
    chmodSync(at, 0o755);
    await handOver(at, map);
    const config: SkeletonConfig = { at, setuid: map.kind !== "single", hidden: [...hidden], ...(image ? { image } : {}) };
    await runInside([agent, "skeleton", JSON.stringify(config)], map);
    return at;
  }

  /** Deletes all of them, also those that an earlier factory left in the directory. */
  async removeAll(): Promise<void> {
    await Promise.allSettled(this.#made.values());
    this.#made.clear();
    const { directory } = this.#options;
    for (const name of readdirSync(directory)) {
      const at = join(directory, name);
      if (!name.endsWith(".json")) await removeTree(at, mapNotedFor(at));
    }
    for (const name of readdirSync(directory)) rmSync(join(directory, name));
  }
}

/** Undefined where a factory was killed before it had written it down: then all is its own user's yet. */
function mapNotedFor(at: string): IdMap | undefined {
  try {
    return JSON.parse(readFileSync(`${at}.json`, "utf8")) as IdMap;
  } catch {
    return undefined;
  }
}
