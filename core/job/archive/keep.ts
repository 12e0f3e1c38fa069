import { reasonOf } from "../../common/errors.ts";
import { Resting } from "../../common/resting.ts";
import type { Core } from "../../core.ts";
import { archiveJob } from "./archive.ts";
import { applyPolicy } from "./policy.ts";
import { clearPurged, purgeDue } from "./purge.ts";
import { postponeArchive } from "./state.ts";

/** Between two looks that nothing asked for, ms. */
const EVERY = 60_000;
/** So many jobs are being archived at the same time. */
const MOST_JOBS = 8;
/** Before what has failed is tried again, each object and each purge for itself, ms. */
const BACKOFF = { first: 5_000, most: 600_000 };

/**
 * Archives jobs that have ended, purges those whose time has come, and removes what is left of them here; in the background,
 * and across restarts. Returns once the server stops.
 */
export async function keepArchive(core: Core): Promise<void> {
  await applyPolicy(core);
  const archiver = new Archiver(core);
  const resting = new Resting(core.world, BACKOFF);
  // Neither waits for the other: a slow answer of the store is no reason.
  await Promise.all([
    wheneverRung(core, async () => {
      archiver.begin();
      return archiver.soonest;
    }),
    wheneverRung(core, async () => {
      await purgeDue(core, resting);
      await clearPurged(core);
      return Number.POSITIVE_INFINITY;
    }),
  ]);
}

/** Works whenever the bell has rung, and after a while without it. @param work says when it wants to be called again at the latest, ms */
async function wheneverRung(core: Core, work: () => Promise<number>): Promise<void> {
  while (!core.shutdown.aborted) {
    const heard = core.bells.version("archive");
    const next = await work();
    const late = new AbortController();
    const cancel = core.world.after(Math.min(EVERY, next - core.world.now()), () => late.abort());
    await core.bells.wait("archive", heard, AbortSignal.any([core.shutdown, late.signal]));
    cancel();
  }
}

class Archiver {
  readonly #core: Core;
  readonly #resting: Resting;
  readonly #running = new Set<string>();

  constructor(core: Core) {
    this.#core = core;
    this.#resting = new Resting(core.world, BACKOFF);
  }

  /** When the next job may go on of which something failed, ms. */
  get soonest(): number {
    // With its hands full, it goes on once one of them is free.
    return this.#running.size < MOST_JOBS ? nextTry(this.#core) : Number.POSITIVE_INFINITY;
  }

  /** Begins with as many jobs as may be under way. */
  begin(): void {
    for (const job of dueJobs(this.#core)) {
      if (this.#running.size >= MOST_JOBS) return;
      if (!this.#running.has(job)) this.#archive(job).catch((error: unknown) => this.#failed(job, error));
    }
  }

  async #archive(job: string): Promise<void> {
    const core = this.#core;
    this.#running.add(job);
    try {
      const again = await archiveJob(core, job, this.#resting);
      if (again !== undefined && !core.shutdown.aborted) postponeArchive(core, job, again);
    } catch (error) {
      this.#failed(job, error);
      await core.world.sleep(EVERY, core.shutdown);
    } finally {
      this.#running.delete(job);
      core.bells.ring("archive");
    }
  }

  #failed(job: string, error: unknown): void {
    this.#core.logger.error(`cannot archive job ${job}: ${reasonOf(error)}`, { error });
  }
}

/** Jobs whose log is sealed and whose time has come, those first that operators have asked for; taken from the database one by one. */
export function* dueJobs(core: Core): Generator<string> {
  for (const asked of [1, 0]) {
    const rows = core.db
      .query<{ job: string }, [number, number]>(
        `SELECT archive.job FROM archive CROSS JOIN job ON job.id = archive.job
         WHERE step = 'wanted' AND asked = +? AND again <= +? AND job.log_sha256 IS NOT NULL ORDER BY again, wanted, archive.job`,
      )
      .iterate(asked, core.world.now());
    for (const { job } of rows) yield job;
  }
}

/** When the first job may be tried again that waits for that, ms. */
function nextTry(core: Core): number {
  const next = core.db.query<{ again: number | null }, [number, number]>(
    "SELECT min(again) AS again FROM archive WHERE step = 'wanted' AND asked = +? AND again > +?",
  );
  return Math.min(...[0, 1].map((asked) => next.get(asked, core.world.now())?.again ?? Number.POSITIVE_INFINITY));
}
