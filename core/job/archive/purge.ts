import { reasonOf } from "../../common/errors.ts";
import type { Resting } from "../../common/resting.ts";
import type { Core } from "../../core.ts";
import type { Content } from "../../storage/objects.ts";
import type { ArchiveRow, FileRow } from "../table.ts";
import { fileKey, logKey, recordKey } from "./keys.ts";
import { markCleared, markPurged, postponePurge } from "./state.ts";

/** So long after a job was purged its local copies go: who has just asked for them gets them. ms */
const LINGER = 60_000;

type Archived = { [Column in keyof ArchiveRow]: NonNullable<ArchiveRow[Column]> };

/**
 * Purges jobs whose time has come, once the object store was found to have all that it was given: what is here is the only copy
 * otherwise, as when somebody has emptied the store, or the configuration names another one.
 */
export async function purgeDue(core: Core, resting: Resting): Promise<void> {
  const due = core.db
    .query<Archived, [number]>(
      "SELECT * FROM archive WHERE step = 'archived' AND purge_at IS NOT NULL AND purge_at <= +? ORDER BY purge_at LIMIT 1000",
    )
    .all(core.world.now());
  await eachOf(core, due, async (archived) => {
    const { job } = archived;
    try {
      await Promise.all(objectsOf(core, archived).map(([key, content]) => core.objects.requireThere(key, content)));
      if (core.shutdown.aborted) return;
      markPurged(core, job);
      resting.worked(job);
      core.metrics.add("purged_jobs_total");
    } catch (error) {
      if (core.shutdown.aborted) return;
      resting.failed(job);
      postponePurge(core, job, resting.until(job));
      core.logger.warn(`cannot purge job ${job}; will try again: ${reasonOf(error)}`, { error });
    }
  });
}

function objectsOf(core: Core, archived: Archived): [key: string, Content][] {
  const { job, log_size, log_sha256, record_size, record_sha256 } = archived;
  const files = core.db.query<FileRow, [string]>("SELECT * FROM file WHERE job = +? ORDER BY id").all(job);
  return [
    ...files.map(({ id, size, sha256 }): [string, Content] => [fileKey(job, id), { size, sha256 }]),
    [logKey(job), { size: log_size, sha256: log_sha256 }],
    [recordKey(job), { size: record_size, sha256: record_sha256 }],
  ];
}

/** Removes what is left here of purged jobs. */
export async function clearPurged(core: Core): Promise<void> {
  const purged = core.db
    .query<{ job: string }, [number]>(
      "SELECT archive.job FROM archive JOIN job ON job.id = archive.job WHERE step = 'purged' AND time_purged <= +? LIMIT 1000",
    )
    .all(core.world.now() - LINGER);
  await eachOf(core, purged, async ({ job }) => {
    try {
      core.logs.remove(job);
      await core.files.clear(job);
      markCleared(core, job);
    } catch (error) {
      core.logger.error(`cannot remove the local copies of job ${job}: ${reasonOf(error)}`, { error });
    }
  });
}

async function eachOf<Row>(core: Core, rows: readonly Row[], work: (row: Row) => Promise<void>): Promise<void> {
  for (const row of rows) {
    // Others have their turn in between.
    await core.world.sleep(0, core.shutdown);
    if (core.shutdown.aborted) return;
    await work(row);
  }
}
