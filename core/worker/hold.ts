import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { tellJob } from "./recycle.ts";
import { getWorker, ringWorker } from "./state.ts";

/**
 * Keeps a worker as it is, for somebody to look at: it gets no job, no limit applies to it, and its machine stays.
 *
 * @throws Refused 404, 409 when it is held already or destroyed
 */
export function holdWorker(core: Core, id: string, reason: string): void {
  change(core, () => {
    const worker = getWorker(core, id);
    if (worker.state === "destroyed") throw new Refused(409, `cannot hold worker ${id}: it is destroyed`);
    if (worker.hold_time !== null) throw new Refused(409, `worker ${id} is held already: ${worker.hold_reason}`);
    core.db.query("UPDATE worker SET hold_time = ?, hold_reason = ? WHERE id = ?").run(core.world.now(), reason, id);
    core.outbox.write(id, `marked held: ${reason}`);
    tellJob(core, id, `worker ${id} is held, and stays when the job has ended: ${reason}`);
    ringWorker(core, worker);
  });
}

/** Ends a hold; without one, does nothing. @throws Refused 404 */
export function releaseWorker(core: Core, id: string, why: string): void {
  change(core, () => {
    const worker = getWorker(core, id);
    if (worker.hold_time === null) return;
    core.db.query("UPDATE worker SET hold_time = NULL, hold_reason = NULL WHERE id = ?").run(id);
    // Its log was closed when it was destroyed.
    if (worker.state !== "destroyed") core.outbox.write(id, `hold released: ${why}`);
    tellJob(core, id, `worker ${id} is not held any more: ${why}`);
    ringWorker(core, worker);
  });
}
