import type { Client } from "../client/client.ts";
import type { Logger } from "../common/logger.ts";

/** The core's ids of the targets that the config names. */
export class Targets {
  readonly #names: readonly string[];
  readonly #client: Client;
  readonly #logger: Logger;
  #byId = new Map<string, string>();
  #missing = "";

  constructor(names: readonly string[], client: Client, logger: Logger) {
    this.#names = names;
    this.#client = client;
    this.#logger = logger;
  }

  get ids(): string[] {
    return [...this.#byId.keys()];
  }

  /** Whether the core knows all of the names. */
  get complete(): boolean {
    return this.#byId.size === this.#names.length;
  }

  nameOf(id: string): string | undefined {
    return this.#byId.get(id);
  }

  /** Asks the core for the ids of the names that it has not named yet. */
  async refresh(signal: AbortSignal): Promise<void> {
    if (this.complete) return;
    const known = await this.#client.call("factory_targets", {}, { signal });
    this.#byId = new Map(known.filter(({ name }) => this.#names.includes(name)).map(({ id, name }) => [id, name]));
    this.#warnOf(this.#names.filter((name) => !known.some((target) => target.name === name)));
  }

  #warnOf(missing: readonly string[]): void {
    const now = missing.join(", ");
    if (now !== this.#missing && now) this.#logger.warn("the core has no target of this name yet", { target: now });
    this.#missing = now;
  }
}
