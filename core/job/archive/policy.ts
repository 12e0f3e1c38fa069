import type { Core } from "../../core.ts";
import { change } from "../../db/change.ts";
import { readSetting, writeSetting } from "../../db/setting.ts";
import { getTarget } from "../../target/target.ts";
import { getUser } from "../../user/user.ts";
import type { JobRow } from "../table.ts";
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

/** Brings older jobs in line with a configuration that was changed; once, as there may be many. */
export function applyPolicy(core: Core): void {
  const policy = JSON.stringify(core.config.archive);
  if ((readSetting(core.db, "archive") ?? JSON.stringify({ ...core.config.archive, ...UNTOUCHED })) === policy) return;
  change(core, () => {
    for (const job of unwantedJobs(core)) if (policyOf(core, job).auto) wantArchive(core, job.id, false);
    for (const job of unpurgedJobs(core))
      core.db.query("UPDATE archive SET purge_at = ? WHERE job = ?").run(purgeTime(core, job, job.time_archived ?? 0), job.id);
    writeSetting(core.db, "archive", policy);
  });
}

/** As a database is that was never told of an archive. */
const UNTOUCHED = { auto: false, purge: false, targets: {}, users: {} };

const unwantedJobs = (core: Core) =>
  core.db
    .query<JobRow, []>(
      `SELECT * FROM job WHERE state IN ('completed', 'failed') AND time_archived IS NULL
       AND NOT EXISTS (SELECT 1 FROM archive WHERE archive.job = job.id)`,
    )
    .all();

const unpurgedJobs = (core: Core) =>
  core.db
    .query<JobRow, [number]>(
      `SELECT job.* FROM archive JOIN job ON job.id = archive.job WHERE step = 'archived' AND purge_at IS NOT +?`,
    )
    .all(ASKED);
