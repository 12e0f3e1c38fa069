import { CallFailed } from "../../core/client/failure.ts";
import type { JobSubmit } from "../../core/client/operations.ts";
import { finishRun, moveRun } from "../check/run-state.ts";
import type { RunRow } from "../check/table.ts";
import type { Work } from "../check/work.ts";
import { change } from "../db/change.ts";
import type { Wollongong } from "../wollongong.ts";

export type Submission = JobSubmit;

/** Refusals that say something of us, not of the job. */
const OURS = new Set([401, 403, 429]);

/**
 * Hands a prepared run in. One that may have been handed in before is looked for first, by its tag; and the call carries the
 * run's id as its key, so that a core that has answered it already answers the same.
 *
 * @param isNew whether it was prepared just now
 */
export async function submitRun(wo: Wollongong, { repository }: Work, run: RunRow, { isNew }: { isNew: boolean }): Promise<void> {
  const core = wo.coreOf(repository.id);
  const known = isNew ? undefined : await jobTagged(core, run.id);
  // One that was replaced is cancelled too.
  if (known === undefined && run.cancelled_by !== null) {
    const story = `Cancelled by ${run.cancelled_by} before it began.`;
    return void change(wo, () => finishRun(wo, run.id, "cancelled", story));
  }
  try {
    const body = JSON.parse(run.submission ?? "") as Submission;
    const id = known ?? (await core.call("job_submit", { body }, { idempotencyKey: `gong-${run.id}` })).id;
    change(wo, () => {
      moveRun(wo, run.id, "submit", { job: id, job_state: null });
      wo.bells.ring("jobs");
    });
  } catch (error) {
    if (!(error instanceof CallFailed) || error.passing || !isOfTheJob(error)) throw error;
    change(wo, () => finishRun(wo, run.id, "failure", `The job was refused: ${error.message}`));
  }
}

/** 403 is both: a target that the repository may not use, and a token of ours that may not delegate. */
const isOfTheJob = ({ status, message }: CallFailed) =>
  status !== undefined && (!OURS.has(status) || (status === 403 && message.includes("target")));

async function jobTagged(core: ReturnType<Wollongong["coreOf"]>, run: string): Promise<string | undefined> {
  const { items } = await core.call("jobs_list", { query: { tag: `gong.run.id=${run}`, limit: 1 } });
  return items[0]?.id;
}
