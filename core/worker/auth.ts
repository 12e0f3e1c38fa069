import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { bearerHash, unauthorised } from "../http/bearer.ts";
import { isLost } from "../job/lose.ts";
import { getJob } from "../job/state.ts";
import type { JobRow } from "../job/table.ts";
import { workerOf } from "../job/worker.ts";
import type { WorkerRow } from "./table.ts";

/** The worker whose agent calls; its machine must not be given up. @throws Refused 401 */
export function requireWorker(core: Core, request: Request): WorkerRow {
  const worker = core.db
    .query<WorkerRow, [string]>("SELECT * FROM worker WHERE token_hash = ? AND state <> 'destroyed'")
    .get(bearerHash(request));
  if (!worker) throw unauthorised();
  return worker;
}

/**
 * The calling worker and the job that it speaks of, which must be its own: a worker that a later attempt of the job has
 * replaced cannot touch it any more.
 *
 * @throws Refused 401, 403, 404, 409 once the worker was given up
 */
export function requireWorkerOfJob(core: Core, request: Request, id: string): { worker: WorkerRow; job: JobRow } {
  const worker = requireWorker(core, request);
  const job = getJob(core, id);
  if (workerOf(core, job) !== worker.id) throw new Refused(403, `job ${id} is not yours`);
  if (isLost(core, job)) throw new Refused(409, `worker ${worker.id} was given up: job ${id} is not its own any more`);
  return { worker, job };
}
