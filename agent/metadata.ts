import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FactoryAddresses, FactoryMetadata as Metadata } from "../core/client/operations.ts";
import type { Logger } from "../core/common/logger.ts";
import type { Paths } from "./paths.ts";

type Effect = (paths: Paths, value: string) => void;

/** What the machine does about a value, once; the settings for ZFS pools mean nothing on Linux. */
const EFFECTS = { root_password_hash: setRootPassword, root_authorized_keys: setAuthorizedKeys } as const satisfies Record<
  string,
  Effect
>;

/** The factory's wishes, from the newest ping. */
export class FactoryMetadata {
  current: Metadata | undefined;
  readonly #paths: Paths;
  readonly #logger: Logger;
  readonly #tried = new Set<string>();

  constructor(paths: Paths, logger: Logger) {
    this.#paths = paths;
    this.#logger = logger;
  }

  /** Takes what a ping brought. A wish that cannot be fulfilled is logged; it does not stop the machine. */
  update(raw: unknown): void {
    if (typeof raw !== "object" || raw === null) return;
    if (!("v" in raw) || raw.v !== "1") {
      this.#once("version", () => this.#logger.warn("metadata of an unknown version", { v: "v" in raw ? raw.v : null }));
      return;
    }
    const metadata = raw as Metadata;
    this.current = metadata;
    for (const [name, effect] of Object.entries(EFFECTS)) {
      const value = metadata[name as keyof typeof EFFECTS];
      if (value) this.#once(name, () => effect(this.#paths, value));
    }
  }

  get addresses(): FactoryAddresses[] {
    return this.current?.addresses ?? [];
  }

  #once(name: string, work: () => void): void {
    if (this.#tried.has(name)) return;
    this.#tried.add(name);
    try {
      work();
    } catch (error) {
      this.#logger.error(`cannot do what the factory asked for: ${name}`, { error });
    }
  }
}

function setRootPassword({ shadow }: Paths, hash: string): void {
  const lines = readFileSync(shadow, "utf8").replace(/\n$/, "").split("\n");
  const entries = lines.map((line) => line.split(":"));
  const roots = entries.filter(([name]) => name === "root");
  const [root] = roots;
  if (!root || roots.length !== 1) throw new Error(`${shadow} has ${roots.length} entries for root`);
  if (entries.some((fields) => fields.length !== 9)) throw new Error(`${shadow} has a line that has not nine fields`);
  root[1] = hash;
  // In place: the file keeps its owner and mode.
  writeFileSync(shadow, `${entries.map((fields) => fields.join(":")).join("\n")}\n`);
}

function setAuthorizedKeys({ root }: Paths, keys: string): void {
  const directory = join(root, ".ssh");
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o700);
  writeFileSync(join(directory, "authorized_keys"), keys, { mode: 0o600 });
}
