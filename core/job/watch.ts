import type { Core } from "../core.ts";
import { watchResponse } from "../log/watch.ts";
import { isFinal } from "./schema.ts";
import { getJob } from "./state.ts";

/** The job's log and state as server-sent events; see core.md §5.3 of the published protocol. */
export const watchJob = (core: Core, request: Request, job: string, minseq: number | undefined): Response =>
  watchResponse({
    request,
    world: core.world,
    id: job,
    from: minseq,
    logs: core.logs,
    bells: core.bells,
    topic: `job ${job}`,
    shutdown: core.shutdown,
    stateOf: () => {
      const { state } = getJob(core, job);
      return { state, ended: isFinal(state) && core.outbox.isDelivered(job) };
    },
  });
