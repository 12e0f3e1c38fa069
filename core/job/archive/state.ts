import type { Database } from "bun:sqlite";
import { Refused } from "../../common/refused.ts";
import type { Core } from "../../core.ts";
import { change, changeSoon } from "../../db/change.ts";
import type { Content } from "../../storage/objects.ts";
import { isFinal } from "../schema.ts";
import { getJob } from "../state.ts";
import type { ArchiveRow } from "../table.ts";

/** `purge_at` of a job that is not to wait for its time. */
export const ASKED = 0;

export const archiveOf = (core: Core, job: string): ArchiveRow | null =>
  core.db.query<ArchiveRow, [string]>("SELECT * FROM archive WHERE job = ?").get(job);

/** Has a job archived that has ended; again changes nothing. @param asked by an operator: before the others */
export function wantArchive(core: Core, job: string, asked: boolean): void {
  change(core, () => {
    core.db
      .query(
        `INSERT INTO archive (job, step, asked, wanted) VALUES (?, 'wanted', ?, ?)
         ON CONFLICT (job) DO UPDATE SET asked = max(asked, excluded.asked)`,
      )
      .run(job, Number(asked), core.world.now());
    core.bells.ring("archive");
  });
}

/** An operator wants a job archived, now. @throws Refused 404, 400 for one that has not ended */
export function askArchive(core: Core, job: string): void {
  const { state } = getJob(core, job);
  if (!isFinal(state)) throw new Refused(400, `job ${job} cannot be archived before it has ended: it is ${state}`);
  wantArchive(core, job, true);
}

/** An operator wants the local copies of an archived job gone, now. @throws Refused 404, 400 for one that is not archived */
export function askPurge(core: Core, job: string): void {
  change(core, () => {
    if (getJob(core, job).time_archived === null)
      throw new Refused(400, `job ${job} cannot be purged before it is archived: its only copy is here`);
    core.db.query("UPDATE archive SET purge_at = ? WHERE job = ? AND step = 'archived'").run(ASKED, job);
    core.bells.ring("archive");
  });
}

/** Something of a job could not be stored: it is tried again at that time, ms. Without a flush: sooner does no harm. */
export const postponeArchive = (core: Core, job: string, again: number): void =>
  changeSoon(core, () => {
    core.db.query("UPDATE archive SET again = ? WHERE job = ? AND step = 'wanted'").run(again, job);
  });

/** A job could not be purged: it is tried again at that time, ms. */
export const postponePurge = (core: Core, job: string, again: number): void =>
  changeSoon(core, () => {
    core.db.query("UPDATE archive SET purge_at = ? WHERE job = ? AND step = 'archived'").run(again, job);
  });

/** All parts of a job are in the object store, and verified. */
export function markArchived(
  core: Core,
  job: string,
  /** `purgeAt`: when the local copies go. Both ms. */
  times: { archived: number; purgeAt: number | null },
  record: Content,
): void {
  change(core, () => {
    core.db.query("UPDATE job SET time_archived = ? WHERE id = ?").run(times.archived, job);
    core.db
      .query(
        `UPDATE archive SET step = 'archived', record_size = ?, record_sha256 = ?, purge_at = ?
         WHERE job = ? AND step = 'wanted'`,
      )
      .run(record.size, record.sha256, times.purgeAt, job);
    core.bells.ring(`job ${job}`);
  });
}

/** From now on a job is read from the object store. */
export function markPurged(core: Core, job: string): void {
  change(core, () => {
    purgeRows(core.db, job, core.world.now());
    core.bells.ring(`job ${job}`);
  });
}

/** Drops what the record of an archived job tells as well, but for what lists, search and other jobs ask for. */
export function purgeRows(db: Database, job: string, now: number): void {
  for (const table of ["task_verdict", "task", "output_rule", "depend", "store"])
    db.query(`DELETE FROM ${table} WHERE job = ?`).run(job);
  db.query("UPDATE job SET time_purged = ? WHERE id = ?").run(now, job);
  db.query("UPDATE archive SET step = 'purged' WHERE job = ? AND step = 'archived'").run(job);
}

/** The local copies are gone. */
export const markCleared = (core: Core, job: string): void =>
  change(core, () => {
    core.db.query("UPDATE archive SET step = 'cleared' WHERE job = ? AND step = 'purged'").run(job);
  });
