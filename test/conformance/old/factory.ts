import type { Ask, Wire } from "../call.ts";

/** A machine that the factory has made. */
export interface Machine {
  destroy(): void;
}

interface FactoryWorker {
  id: string;
  private: string | null;
  recycle: boolean;
  bootstrap: string;
  online: boolean;
  hold: boolean;
}

export interface FactoryOptions {
  wire: Wire;
  token: string;
  targets: string[];
  /** Most machines at a time. */
  limit: number;
  /** Withhold the job until what the machine said at its boot has been handed over. */
  flush: boolean;
  metadata: object | null;
  /** Makes a machine whose agent begins with this key. */
  make(bootstrap: string): Machine;
}

interface Instance {
  machine: Machine;
  lease: string;
  /** Lines of the console that are not handed over yet. */
  console: string[];
  flushed: boolean;
}

/** A factory that speaks exactly the original's protocol: one pass after another, no long polls, one line of the console at a time. */
export class OldFactory {
  readonly #options: FactoryOptions;
  /** By worker. */
  readonly #instances = new Map<string, Instance>();

  constructor(options: FactoryOptions) {
    this.#options = options;
  }

  /** One pass: look after machines, drop workers without one, make new machines while there is room and work. */
  async pass(): Promise<void> {
    for (const [id, instance] of this.#instances) await this.#attend(id, instance);
    for (const worker of await this.#call<FactoryWorker[]>("factory_workers")) {
      if (worker.hold || this.#instances.has(worker.id)) continue;
      await this.#call("factory_worker_destroy", { path: { worker: worker.id } });
    }
    if (this.#instances.size >= this.#options.limit) await this.#call("factory_ping");
    while (this.#instances.size < this.#options.limit && (await this.#create()));
  }

  /** Whether it has any machine left. */
  get idle(): boolean {
    return this.#instances.size === 0;
  }

  async #attend(id: string, instance: Instance): Promise<void> {
    const { worker } = await this.#call<{ worker: FactoryWorker | null }>("factory_worker_get", { path: { worker: id } });
    if (worker?.hold) return;
    if (!worker || worker.recycle) {
      instance.machine.destroy();
      this.#instances.delete(id);
      return;
    }
    if (!worker.online) await this.#call("factory_lease_renew", { path: { job: instance.lease } });
    await this.#handOver(id, instance);
    if (!this.#options.flush || !worker.online || instance.console.length > 0 || instance.flushed) return;
    await this.#call("factory_worker_flush", { path: { worker: id } });
    instance.flushed = true;
  }

  /** What the core does not want yet is sent again on the next pass. */
  async #handOver(id: string, { console }: Instance): Promise<void> {
    for (let [payload] = console; payload !== undefined; [payload] = console) {
      const body = { stream: "console", time: new Date().toISOString(), payload };
      const { retry } = await this.#call<{ retry: boolean }>("factory_worker_append", { path: { worker: id }, body });
      if (retry) return;
      console.shift();
    }
  }

  /** @returns whether there was work */
  async #create(): Promise<boolean> {
    const { targets, flush, metadata, make } = this.#options;
    const { lease } = await this.#call<{ lease: { job: string; target: string } | null }>("factory_lease", {
      body: { supported_targets: targets },
    });
    if (!lease) return false;
    const { id, bootstrap } = await this.#call<FactoryWorker>("factory_worker_create", {
      body: { target: lease.target, job: null, wait_for_flush: flush },
    });
    // As in a cloud, the machine may call before the core knows of it.
    const machine = make(bootstrap);
    this.#instances.set(id, { machine, lease: lease.job, console: ["booting", "login:"], flushed: false });
    const body = { private: `machine-${id}`, ip: "10.0.0.7", metadata };
    await this.#call("factory_worker_associate", { path: { worker: id }, body });
    return true;
  }

  async #call<T>(name: string, ask: Ask = {}): Promise<T> {
    const { wire, token } = this.#options;
    return await wire.call<T>(name, { token, ...ask });
  }
}
