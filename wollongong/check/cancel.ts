import type { Wollongong } from "../wollongong.ts";
import { tell } from "./chronicle.ts";
import { finishRun } from "./run-state.ts";
import { updateRun } from "./runs.ts";
import type { RunRow } from "./table.ts";

/**
 * Ends a run: at once where it has no job yet, else by ending its job. Part of the caller's transaction.
 *
 * @param by a login, or the reason @returns false where it is over or being cancelled already
 */
export function cancelRun(wo: Wollongong, run: RunRow, by: string): boolean {
  if (run.state === "over" || run.cancelled_by !== null) return false;
  if (run.state === "waiting")
    return finishRun(wo, run.id, "cancelled", `Cancelled by ${by} before it began.`, { cancelled_by: by });
  tell(wo, run.check_suite, run.id, `${by} cancels it.`);
  updateRun(wo, run.id, { cancelled_by: by });
  return true;
}
