import type { Core } from "../core.ts";
import { getTarget } from "../target/target.ts";
import { momentsOf, phasesOf } from "./moments.ts";
import type { JobRow } from "./table.ts";

/** Counts how long a job waited, if by now it has an agent that is there. Part of the open transaction. */
export function noteStart(core: Core, { id, target_id }: Pick<JobRow, "id" | "target_id">): void {
  const { queue, boot, handover } = phasesOf(momentsOf(core, id).at(-1)?.moments ?? {});
  if (queue === null || boot === null || handover === null) return;
  const labels = { target: getTarget(core, target_id).name };
  core.metrics.observe("job_queue_seconds", labels, queue);
  core.metrics.observe("job_start_seconds", labels, queue + boot + handover);
}
