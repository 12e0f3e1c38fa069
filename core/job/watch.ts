import type { Core } from "../core.ts";
import { watchResponse } from "../log/watch.ts";
import { stillAllowed } from "../user/auth.ts";
import { requireJob } from "./access.ts";
import { withLog } from "./archive/recall.ts";
import { isFinal } from "./schema.ts";
import { getJob } from "./state.ts";

/** The job's log and state as server-sent events; see core.md §5.3 of the published protocol. */
export const watchJob = (core: Core, request: Request, job: string, minseq: number | undefined): Response =>
  watchResponse({
    read: (from) => withLog(core, getJob(core, job), () => core.logs.records(job, from)),
    request,
    world: core.world,
    id: job,
    from: minseq ?? nextOf(core, job),
    logs: core.logs,
    bells: core.bells,
    topic: `job ${job}`,
    shutdown: core.shutdown,
    allowed: stillAllowed(core, () => requireJob(core, request, job, "read")),
    stateOf: () => {
      const { state } = getJob(core, job);
      return { state, ended: isFinal(state) && core.outbox.isDelivered(job) };
    },
  });

/** Of a purged job, what nobody has written yet begins after its last event. */
function nextOf(core: Core, job: string): number | undefined {
  const { time_purged, log_count } = getJob(core, job);
  return time_purged === null ? undefined : (log_count ?? 0) + 1;
}
