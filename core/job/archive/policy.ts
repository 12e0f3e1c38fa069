import { setImmediate } from "node:timers/promises";
import type { Core } from "../../core.ts";
import { change } from "../../db/change.ts";
import { readSetting, writeSetting } from "../../db/setting.ts";
import { getTarget } from "../../target/target.ts";
import { getUser } from "../../user/user.ts";
import { isFinal } from "../schema.ts";
import type { ArchiveRow, JobRow } from "../table.ts";
import { ASKED, wantArchive } from "./state.ts";

interface Policy {
  auto: boolean;
  purge: boolean;
  /** Seconds. */
  retention: number;
}

/** What the configuration says of a job: in general, for its target, for its owner; the last one counts. */
export function policyOf(core: Core, { owner, target_id }: Pick<JobRow, "owner" | "target_id">): Policy {
  const { targets, users, ...general } = core.config.archive;
  if (Object.keys(targets).length + Object.keys(users).length === 0) return general;
  return { ...general, ...targets[getTarget(core, target_id).name], ...users[getUser(core, owner).name] };
}

/** When the local copies of a job go that was archived at `archived`, ms; null: not by themselves. */
export function purgeTime(core: Core, job: Pick<JobRow, "owner" | "target_id">, archived: number): number | null {
  const { purge, retention } = policyOf(core, job);
  return purge ? archived + retention * 1000 : null;
}

/** So many jobs are looked at in one transaction. */
const PORTION = 100;

/**
 * Brings older jobs in line with a configuration that was changed; once, as there may be many. Requests are answered in between. A server that
 * is stopped in the middle begins again at its next start.
 */
export async function applyPolicy(core: Core): Promise<void> {
  const policy = JSON.stringify(core.config.archive);
  if ((readSetting(core.db, "archive") ?? JSON.stringify({ ...core.config.archive, ...UNTOUCHED })) === policy) return;
  for (let after: string | undefined = ""; after !== undefined; await setImmediate()) {
    if (core.shutdown.aborted) return;
    after = applyFrom(core, after);
  }
  change(core, () => writeSetting(core.db, "archive", policy));
}

/** As a database is that was never told of an archive. */
const UNTOUCHED = { auto: false, purge: false, targets: {}, users: {} };

interface Judged extends Pick<JobRow, "id" | "owner" | "target_id" | "state" | "time_archived"> {
  /** Null while nobody wants it archived. */
  step: ArchiveRow["step"] | null;
  purge_at: number | null;
}

/** Of the jobs after one. @returns the last of them, unless there are no more */
function applyFrom(core: Core, after: string): string | undefined {
  const jobs = core.db
    .query<Judged, [string, number]>(
      `SELECT id, owner, target_id, state, time_archived, step, purge_at FROM job LEFT JOIN archive ON archive.job = job.id
       WHERE id > ? ORDER BY id LIMIT ?`,
    )
    .all(after, PORTION);
  change(core, () => {
    for (const job of jobs)
      if (job.step === "archived" && job.purge_at !== ASKED) setPurgeTime(core, job);
      else if (job.step === null && isFinal(job.state) && policyOf(core, job).auto) wantArchive(core, job.id, false);
  });
  return jobs.at(PORTION - 1)?.id;
}

function setPurgeTime(core: Core, job: Judged): void {
  core.db.query("UPDATE archive SET purge_at = ? WHERE job = ?").run(purgeTime(core, job, job.time_archived ?? 0), job.id);
}
