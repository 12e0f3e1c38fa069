import { reasonOf } from "../../common/errors.ts";
import type { Core } from "../../core.ts";
import { archiveJob } from "./archive.ts";
import { applyPolicy } from "./policy.ts";
import { markCleared, markPurged, postponeArchive } from "./state.ts";
import { Tries } from "./tries.ts";

/** Between two looks that nothing asked for, ms. */
const EVERY = 60_000;
/** So long after a job was purged its local copies go: who has just asked for them gets them. ms */
const LINGER = 60_000;
/** So many jobs are being archived at the same time, so that a large one holds up no other. */
const MOST_JOBS = 8;

/**
 * Archives jobs that have ended, purges those whose time has come, and removes what is left of them here; in the background,
 * and across restarts. Returns once the server stops.
 */
export async function keepArchive(core: Core): Promise<void> {
  await applyPolicy(core);
  const archiver = new Archiver(core);
  while (!core.shutdown.aborted) {
    const heard = core.bells.version("archive");
    archiver.begin();
    await purgeDue(core);
    await clearPurged(core);
    const late = new AbortController();
    const cancel = core.world.after(Math.min(EVERY, archiver.soonest - core.world.now()), () => late.abort());
    await core.bells.wait("archive", heard, AbortSignal.any([core.shutdown, late.signal]));
    cancel();
  }
}

class Archiver {
  readonly #core: Core;
  readonly #tries: Tries;
  readonly #running = new Set<string>();

  constructor(core: Core) {
    this.#core = core;
    this.#tries = new Tries(core.world);
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
      const again = await archiveJob(core, job, this.#tries);
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

async function purgeDue(core: Core): Promise<void> {
  const due = core.db
    .query<{ job: string }, [number]>(
      "SELECT job FROM archive WHERE step = 'archived' AND purge_at IS NOT NULL AND purge_at <= +? ORDER BY purge_at LIMIT 1000",
    )
    .all(core.world.now());
  await eachOf(core, due, "purge", async ({ job }) => {
    markPurged(core, job);
    core.metrics.add("purged_jobs_total");
  });
}

async function clearPurged(core: Core): Promise<void> {
  const purged = core.db
    .query<{ job: string }, [number]>(
      "SELECT archive.job FROM archive JOIN job ON job.id = archive.job WHERE step = 'purged' AND time_purged <= +? LIMIT 1000",
    )
    .all(core.world.now() - LINGER);
  await eachOf(core, purged, "remove the local copies of", async ({ job }) => {
    core.logs.remove(job);
    await core.files.clear(job);
    markCleared(core, job);
  });
}

/** One that fails keeps nothing from the others; it is tried again with the next look. */
async function eachOf(core: Core, jobs: { job: string }[], what: string, work: (row: { job: string }) => Promise<void>) {
  for (const row of jobs) {
    // Others have their turn in between.
    await core.world.sleep(0, core.shutdown);
    if (core.shutdown.aborted) return;
    try {
      await work(row);
    } catch (error) {
      core.logger.error(`cannot ${what} job ${row.job}: ${reasonOf(error)}`, { error });
    }
  }
}
