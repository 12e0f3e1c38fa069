import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { World } from "../common/world.ts";

/** What was used so lately stays, ms: whoever asked for a file may be about to open it. */
const IN_USE = 60_000;

interface Entry {
  size: number;
  used: number;
  holders: number;
}

/** A file of the cache that stays where it is until it is let go. */
export interface Held extends Disposable {
  readonly path: string;
}

export interface CacheOptions {
  dir: string;
  world: World;
  /** Bytes of all files together; those that are in use at the moment may be more. */
  max: number;
}

/** Files that can be fetched again, in a directory of their own. Those used longest ago make way. */
export class Cache {
  readonly #dir: string;
  readonly #world: World;
  readonly #max: number;
  /** The one used longest ago first. */
  readonly #entries = new Map<string, Entry>();
  readonly #fetching = new Map<string, Promise<void>>();

  constructor({ dir, world, max }: CacheOptions) {
    this.#dir = dir;
    this.#world = world;
    this.#max = max;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const files = readdirSync(dir).map((name) => ({ name, ...statSync(join(dir, name)) }));
    for (const { name, size, mtimeMs } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      // What a killed process was fetching.
      if (name.endsWith(".new")) rmSync(join(dir, name));
      else this.#entries.set(name, { size, used: mtimeMs, holders: 0 });
    }
  }

  /** Bytes of all files. */
  get size(): number {
    return this.#entries.values().reduce((sum, { size }) => sum + size, 0);
  }

  /** Where a file of that name is, or would be. */
  path = (name: string): string => join(this.#dir, name);

  /** Somebody who needed the space may have removed it. */
  has(name: string): boolean {
    if (this.#entries.has(name) && !existsSync(this.path(name))) this.#entries.delete(name);
    return this.#entries.has(name);
  }

  /** The file of that name, which `fetch` writes to the path that it is given unless it is here; many callers, one fetch. */
  async hold(name: string, fetch: (path: string) => Promise<void>): Promise<Held> {
    if (!this.has(name)) {
      const fetching = this.#fetching.get(name) ?? this.#fetch(name, fetch).finally(() => this.#fetching.delete(name));
      this.#fetching.set(name, fetching);
      await fetching;
    }
    const entry = this.#entries.get(name);
    // It cannot have made way already: it was used this instant.
    if (!entry) throw new Error(`the cache has lost ${name}`);
    this.#touch(name, entry);
    entry.holders++;
    return {
      path: this.path(name),
      [Symbol.dispose]: () => {
        entry.holders--;
      },
    };
  }

  async #fetch(name: string, fetch: (path: string) => Promise<void>): Promise<void> {
    await fetch(this.path(name));
    this.#touch(name, { size: statSync(this.path(name)).size, used: 0, holders: 0 });
    this.#makeWay();
  }

  #touch(name: string, entry: Entry): void {
    entry.used = this.#world.now();
    this.#entries.delete(name);
    this.#entries.set(name, entry);
  }

  #makeWay(): void {
    let { size } = this;
    for (const [name, entry] of this.#entries) {
      if (size <= this.#max) return;
      // A time that is yet to come is that of a clock which was set back since.
      if (entry.holders > 0 || Math.abs(this.#world.now() - entry.used) < IN_USE) continue;
      rmSync(this.path(name), { force: true });
      this.#entries.delete(name);
      size -= entry.size;
    }
  }
}
