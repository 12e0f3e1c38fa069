import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { activeJobOf } from "../job/worker.ts";
import { aliveWorkers, getWorker, recycleWorker } from "./state.ts";

/** An operator has a machine destroyed, which a job that it runs is told; of a held one, once it is released. @throws Refused 404 */
export function recycleByOperator(core: Core, id: string): void {
  change(core, () => {
    const { state } = getWorker(core, id);
    recycleWorker(core, id, "an operator recycled it");
    if (getWorker(core, id).state !== state) tellJob(core, id, `an operator has worker ${id} destroyed`);
  });
}

/** The same for every worker. */
export function recycleAll(core: Core): void {
  change(core, () => {
    for (const { id } of aliveWorkers(core)) recycleByOperator(core, id);
  });
}

/** Writes to the log of the job that a worker is running, if any. Part of the open transaction. */
export function tellJob(core: Core, worker: string, text: string): void {
  const job = activeJobOf(core, worker);
  if (job) core.outbox.write(job.id, text);
}
