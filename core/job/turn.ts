import type { Core } from "../core.ts";
import { usageOf } from "../user/user.ts";
import type { JobRow } from "./table.ts";

type Queued = Pick<JobRow, "id" | "owner">;

/**
 * Who may have another machine, by `quota.max_running_jobs`: a job counts from when a machine is being made for it. Made anew
 * for each look at the queue.
 */
export class Turn {
  readonly #core: Core;
  readonly #most: number | undefined;
  readonly #leased: Map<string, string>;
  /** Jobs of a user that have a machine, or for which one is being made. */
  readonly #busy = new Map<string, number>();

  constructor(core: Core) {
    this.#core = core;
    this.#most = core.config.quota.max_running_jobs;
    this.#leased = new Map(this.#most === undefined ? [] : leasedJobs(core));
  }

  mayRun({ id, owner }: Queued): boolean {
    if (this.#most === undefined) return true;
    return this.#busyOf(owner) - (this.#leased.has(id) ? 1 : 0) < this.#most;
  }

  /** The job was given a machine that nobody had a lease for. */
  took({ id, owner }: Queued): void {
    if (this.#most !== undefined && !this.#leased.has(id)) this.#busy.set(owner, this.#busyOf(owner) + 1);
  }

  #busyOf(owner: string): number {
    const known = this.#busy.get(owner);
    if (known !== undefined) return known;
    const leased = [...this.#leased.values()].filter((other) => other === owner).length;
    const busy = usageOf(this.#core, owner).running + leased;
    this.#busy.set(owner, busy);
    return busy;
  }
}

/** Queued jobs that a machine is being made for, each with its owner; looked up from the few leases. */
const leasedJobs = (core: Core): [job: string, owner: string][] =>
  core.db
    .query<Queued, [number]>(
      "SELECT id, owner FROM lease CROSS JOIN job ON job.id = lease.job WHERE expires > +? AND state = 'queued'",
    )
    .all(core.world.now())
    .map(({ id, owner }) => [id, owner]);
