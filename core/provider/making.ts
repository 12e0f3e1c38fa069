import { CallFailed } from "../client/failure.ts";
import type { FactoryLease } from "../client/operations.ts";
import { reasonOf } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import { Resting } from "../common/resting.ts";
import type { World } from "../common/world.ts";
import { NoRoom, type Order, type Provider } from "./provider.ts";
import type { Targets } from "./targets.ts";
import { type Workers, whatFailed } from "./workers.ts";

interface MakingOptions {
  world: World;
  logger: Logger;
  provider: Provider;
  workers: Workers;
  targets: Targets;
  /** Told whenever a machine has been made, or will not be. */
  done(): void;
}

/** A machine on its way; `worker` once it has a record. */
interface Making {
  job: string;
  worker?: string;
  /** The worker has the job already, before there is a machine. */
  assigned: boolean;
  /** The core may know the record already, we do not yet. */
  recording: boolean;
  made: boolean;
  work: Promise<void>;
}

/** The machines that are being made for leased jobs, all at the same time. */
export class Makings {
  readonly #options: MakingOptions;
  readonly #all = new Set<Making>();
  /** Ids of the targets for which no machine could be made, so that nobody waits for jobs of theirs that fail one after the other. */
  readonly resting: Resting;

  constructor(options: MakingOptions) {
    this.#options = options;
    this.resting = new Resting(options.world);
  }

  get size(): number {
    return this.#all.size;
  }

  /** Whether the machine of the worker is still being made, so that nobody else may judge it. */
  has(worker: string): boolean {
    return [...this.#all].some((making) => making.worker === worker && !making.made);
  }

  /** Whether a worker that the core lists may be one of these, which has not heard so yet: the two answers overtake each other. */
  get recording(): boolean {
    return [...this.#all].some((making) => making.recording);
  }

  /** Those that are made by now: a list of machines that is asked for from here on has them. */
  made(): () => void {
    const made = [...this.#all].filter((making) => making.made);
    return () => {
      for (const making of made) this.#all.delete(making);
    };
  }

  /** Makes a machine for the leased job; failures are logged and counted. */
  start(lease: FactoryLease): void {
    const making: Making = { job: lease.job, assigned: false, recording: false, made: false, work: Promise.resolve() };
    this.#all.add(making);
    this.#options.workers.leased(lease.job);
    making.work = this.#make(making, lease);
  }

  /** Holds the leases of jobs whose machines take long to be made: otherwise, another would be made besides. */
  async renew(): Promise<void> {
    const { workers, logger } = this.#options;
    const slow = [...this.#all].filter(({ made }) => !made);
    const renewing = slow.map(({ job }) =>
      workers.renew(job).catch((error) => logger.warn("could not renew a lease", { job, ...whatFailed(error) })),
    );
    await Promise.all(renewing);
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#all].map(({ work }) => work));
  }

  async #make(making: Making, { job, target }: FactoryLease): Promise<void> {
    const { provider, logger, done } = this.#options;
    try {
      await provider.create(this.#order(making, job, target));
      this.resting.worked(target);
      making.made = true;
      logger.info("machine made", { job, worker: making.worker });
    } catch (error) {
      await this.#failed(making, target, error);
      this.#all.delete(making);
    }
    done();
  }

  #order(making: Making, job: string, target: string): Order {
    const { workers, targets } = this.#options;
    return {
      job,
      target: targets.nameOf(target) ?? target,
      record: async ({ withJob }) => {
        making.recording = true;
        const { id, bootstrap } = await workers.create(target, withJob ? job : undefined);
        making.worker = id;
        making.assigned = withJob;
        making.recording = false;
        return { worker: id, bootstrap };
      },
      announce: async (identity) => {
        if (making.worker === undefined) throw new Error("a machine is announced before its worker is recorded");
        await workers.associate(making.worker, identity);
      },
    };
  }

  async #failed({ worker, job, assigned }: Making, target: string, error: unknown): Promise<void> {
    const { logger, workers } = this.#options;
    if (error instanceof CallFailed && error.operation === "factory_worker_create")
      return logger.info("the leased job wants no machine any more", { job, ...whatFailed(error) });
    if (error instanceof NoRoom) logger.warn("no machine is to be had for the job now", { job, worker, ...whatFailed(error) });
    else {
      this.resting.failed(target);
      logger.error("no machine could be made", { job, worker, ...whatFailed(error) });
    }
    try {
      if (worker && assigned) await workers.lastWords(worker, job, [`no machine could be made: ${reasonOf(error)}`]);
      else await workers.tellFailure(job, reasonOf(error));
      if (worker) await workers.forget(worker);
      if (!assigned) await workers.giveBack(job);
    } catch (second) {
      logger.warn("the core could not be told; a worker without a machine will be deleted later", {
        job,
        worker,
        ...whatFailed(second),
      });
    }
  }
}
