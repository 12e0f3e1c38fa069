import { reasonOf } from "../../common/errors.ts";
import type { Resting } from "../../common/resting.ts";
import { Turns } from "../../common/turns.ts";
import type { Core } from "../../core.ts";
import { changeSoon } from "../../db/change.ts";
import { reading } from "../../db/reading.ts";
import type { Content } from "../../storage/objects.ts";
import { getJob } from "../state.ts";
import type { FileRow } from "../table.ts";
import { fileKey, logKey, recordKey } from "./keys.ts";
import { purgeTime } from "./policy.ts";
import { recordOf, renderRecord } from "./record.ts";
import { archiveOf, markArchived } from "./state.ts";

/** So many objects of one job are on their way at most: less than of all jobs together, so that a large or slow one holds up no other. */
const MOST_OF_A_JOB = 3;

/**
 * Brings what is missing of a job to the object store: its files and its log, whichever way they go, and then the record that
 * names them all.
 *
 * @returns when to come back for what failed, ms; undefined once nothing is left
 */
export async function archiveJob(core: Core, job: string, resting: Resting): Promise<number | undefined> {
  const turns = new Turns(MOST_OF_A_JOB);
  const attempt = (key: string, work: () => Promise<void>) => turns.take(() => tryOnce(key, work));
  const tryOnce = async (key: string, work: () => Promise<void>): Promise<number> => {
    if (core.shutdown.aborted || resting.has(key)) return resting.until(key);
    try {
      await work();
      resting.worked(key);
    } catch (error) {
      if (core.shutdown.aborted) return 0;
      resting.failed(key);
      core.metrics.add("archive_failures_total");
      core.logger.warn(`cannot archive ${key}; will try again: ${reasonOf(error)}`, { job, error });
    }
    return resting.until(key);
  };
  const left = await Promise.all([
    ...missingFiles(core, job).map((file) => attempt(fileKey(job, file.id), () => archiveFile(core, file))),
    attempt(logKey(job), () => archiveLog(core, job)),
  ]);
  const again = left.filter((at) => at > 0);
  if (core.shutdown.aborted || again.length > 0) return Math.min(...again);
  const at = await attempt(recordKey(job), () => archiveRecord(core, job));
  return at > 0 ? at : undefined;
}

const missingFiles = (core: Core, job: string) =>
  core.db.query<FileRow, [string]>("SELECT * FROM file WHERE job = +? AND time_archived IS NULL ORDER BY id").all(job);

async function archiveFile(core: Core, { job, id, size, sha256 }: FileRow): Promise<void> {
  const content = await core.objects.putFile(fileKey(job, id), core.files.path(job, id), { size, sha256 });
  record(core, content, () =>
    core.db.query("UPDATE file SET time_archived = ? WHERE job = ? AND id = ?").run(core.world.now(), job, id),
  );
}

async function archiveLog(core: Core, job: string): Promise<void> {
  if (archiveOf(core, job)?.log_sha256 !== null) return;
  const content = await core.objects.putLog(logKey(job), core.logs.path(job), getJob(core, job).log_sha256 ?? "");
  record(core, content, () =>
    core.db.query("UPDATE archive SET log_size = ?, log_sha256 = ? WHERE job = ?").run(content.size, content.sha256, job),
  );
}

/** Without a flush: what a power cut takes is archived again. */
function record(core: Core, { size }: Content, write: () => void): void {
  if (core.shutdown.aborted) return;
  core.metrics.add("archived_bytes_total", size);
  changeSoon(core, write);
}

async function archiveRecord(core: Core, id: string): Promise<void> {
  const job = getJob(core, id);
  const archived = core.world.now();
  const { log_size: size, log_sha256: sha256 } = archiveOf(core, id) ?? {};
  if (size == null || sha256 == null) throw new Error("its log is not archived yet");
  const text = reading(core, () => renderRecord(recordOf(core, { ...job, time_archived: archived }, { size, sha256 })));
  const content = await core.objects.putText(recordKey(id), text);
  if (core.shutdown.aborted) return;
  markArchived(core, id, { archived, purgeAt: purgeTime(core, job, archived) }, content);
  core.metrics.add("archived_jobs_total");
}
