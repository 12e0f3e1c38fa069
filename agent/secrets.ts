import type { Client } from "../core/client/client.ts";
import { reasonOf } from "../core/common/errors.ts";
import type { Mask } from "../core/common/mask.ts";

export interface SecretsOptions {
  client: Client;
  job: string;
  mask: Mask;
  /** Told of a secret that cannot be read, and so not be masked. */
  onUnreadable(message: string): void;
}

/** The values of the job's store that its log must not show. */
export class Secrets {
  readonly #options: SecretsOptions;
  readonly #reading = new Map<string, Promise<void>>();

  constructor(options: SecretsOptions) {
    this.#options = options;
  }

  /** Resolves once the secrets of these names are masked; each is fetched once. */
  async learn(names: readonly string[]): Promise<void> {
    await Promise.all(
      names.map((name) => {
        const reading = this.#reading.get(name) ?? this.#read(name);
        this.#reading.set(name, reading);
        return reading;
      }),
    );
  }

  async #read(name: string): Promise<void> {
    const { client, job, mask, onUnreadable } = this.#options;
    try {
      const { value } = await client.call("worker_job_store_get", { path: { job, name } });
      if (value) mask.add(value.value);
    } catch (error) {
      onUnreadable(`the secret ${name} cannot be masked in this log, because it cannot be read: ${reasonOf(error)}`);
    }
  }
}
