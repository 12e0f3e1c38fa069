import { existsSync, mkdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeAgentConfig } from "../../agent/config.ts";
import { PATHS } from "../../agent/paths.ts";
import { Client } from "../../core/client/client.ts";
import { silent } from "../../core/common/logger.ts";
import { newToken } from "../../core/common/world.ts";
import { Loop } from "../../core/provider/loop.ts";
import type { Machine, MachineState, Order, Provider } from "../../core/provider/provider.ts";
import { childrenOf } from "./process.ts";
import type { Service } from "./service.ts";

/**
 * The bare machine of the measurements: the compiled agent in private mounts, with neither image nor overlay. It has a
 * directory of its own as /opt/buildomat and fresh tmpfs on /run, /input and /mnt, where its job may write.
 */
const ENTER = `mount --bind "$0" /opt/buildomat && mount -t tmpfs m /run && mount -t tmpfs m /input && mount -t tmpfs m /mnt && exec "$1" run`;
const UNSHARE = ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"];

interface Living {
  machine: Machine;
  stop(): Promise<void>;
}

/** Makes bare machines for the jobs of a service. */
export class BareMachines implements Provider {
  readonly #service: Service;
  readonly #living = new Map<string, Living>();

  constructor(service: Service) {
    this.#service = service;
  }

  async list(): Promise<Machine[]> {
    return [...this.#living.values()].map(({ machine }) => machine);
  }

  async create({ job, record, announce }: Order): Promise<void> {
    const { worker, bootstrap } = await record({ withJob: true });
    const machine: Machine = { id: `bare-${worker}`, worker, job, state: "running" };
    await announce(machine);
    this.#living.set(machine.id, { machine, stop: this.start(worker, bootstrap) });
  }

  async destroy({ id }: Machine): Promise<MachineState> {
    await this.#living.get(id)?.stop();
    this.#living.delete(id);
    return "gone";
  }

  /** @returns what ends it */
  start(worker: string, bootstrap: string): () => Promise<void> {
    const { dir, url, world, programs } = this.#service;
    const at = join(dir, "machines", worker);
    mkdirSync(at, { recursive: true });
    writeAgentConfig({ ...PATHS, etc: join(at, "etc") }, { baseurl: url, bootstrap, token: newToken(world, 64) });
    const child = Bun.spawn([...UNSHARE, "sh", "-c", ENTER, at, programs.agent], {
      stdio: ["ignore", "ignore", "ignore"],
      cwd: "/",
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    });
    return async () => {
      // Process 1 of the machine, not unshare, which then ends last: nobody else would reap the agent.
      for (const inside of childrenOf(child.pid)) process.kill(inside, "SIGKILL");
      await child.exited;
      rmSync(at, { recursive: true, force: true });
    };
  }
}

/** Lets `work` use a factory of bare machines. @param limit most machines at once */
export async function withMachines<T>(service: Service, limit: number, work: () => Promise<T>): Promise<T> {
  return await withMountPoints(async () => {
    const { admin, world, url, target } = service;
    const { token } = await admin.call("factory_create", { body: { name: `bare-${world.id().toLowerCase().slice(-6)}` } });
    const loop = new Loop({
      world,
      logger: silent,
      client: new Client({ world, url, token, patience: Number.POSITIVE_INFINITY }),
      provider: new BareMachines(service),
      targets: [target],
      limit,
      patience: { grace: 0, boot: 60_000 },
      every: 1000,
    });
    const running = loop.run();
    running.catch(() => {}); // Looked at below; `work` fails too if the factory does.
    try {
      return await work();
    } finally {
      await loop.stop();
      await running;
    }
  });
}

/** Machines mount over these directories, each seeing only its own. */
async function withMountPoints<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) throw new Error("bare machines need root: they mount over directories of this host");
  const made = ["/opt/buildomat", "/input"].filter((path) => !existsSync(path));
  for (const path of made) mkdirSync(path, { recursive: true });
  try {
    return await work();
  } finally {
    for (const path of made) rmdirSync(path);
  }
}

/** Lets `work` use workers that wait for a job; each call of `wait` makes one and resolves when it is online. */
export async function withWaiting<T>(
  service: Service,
  work: (wait: () => Promise<() => Promise<void>>) => Promise<T>,
): Promise<T> {
  return await withMountPoints(async () => {
    const { admin, world, url } = service;
    const { token } = await admin.call("factory_create", { body: { name: "waiting" } });
    const client = new Client({ world, url, token });
    const [target] = await client.call("factory_targets", {});
    if (!target) throw new Error("the service has no target");
    const machines = new BareMachines(service);
    return await work(async () => {
      const { id, bootstrap } = await client.call("factory_worker_create", { body: { target: target.id } });
      await client.call("factory_worker_associate", { path: { worker: id }, body: { private: id } });
      const stop = machines.start(id, bootstrap);
      const online = async () => (await client.call("factory_worker_get", { path: { worker: id } })).worker?.online;
      while (!(await online())) await world.sleep(10);
      // It has just been let in: its first ping must be there, waiting.
      await world.sleep(100);
      return async () => {
        await stop();
        await client.call("factory_worker_destroy", { path: { worker: id } });
      };
    });
  });
}
