import type { Wollongong } from "../wollongong.ts";
import { cancelRun } from "./cancel.ts";
import { jobFileOf } from "./plan.ts";
import type { RunRow } from "./table.ts";

/** Which runs are of no use any more: those of older suites of the same pull request, or of the same branch. */
export interface Superseded {
  repo: number;
  pr?: number | null;
  branch?: string | null;
  /** Of the suite that takes their place; none when there is nothing newer. */
  than?: { id: string; time: number };
  /** Of one job alone. */
  name?: string;
  why: string;
}

/** Cancels what job files with `cancel_superseded` want cancelled. Part of the caller's transaction. @returns how many */
export function cancelSuperseded(wo: Wollongong, { repo, pr = null, branch = null, than, name, why }: Superseded): number {
  const runs = wo.db
    .query<RunRow, [number, number | null, string | null, number | null, string, number]>(
      `SELECT r.* FROM check_run r JOIN check_suite s ON s.id = r.check_suite
       WHERE s.repo = +? AND r.active = 1 AND r.variety = 'basic' AND r.state <> 'over'
         AND (s.pr = +? OR (s.head_branch = +? AND +? IS NULL AND s.pr IS NULL)) AND s.id <> +? AND s.time_create <= +?`,
    )
    .all(repo, pr, branch, pr, than?.id ?? "", than?.time ?? wo.world.now());
  const wanted = runs.filter((run) => (name === undefined || run.name === name) && jobFileOf(run).cancelSuperseded);
  return wanted.filter((run) => cancelRun(wo, run, why)).length;
}
