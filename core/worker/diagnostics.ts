import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { holdWorker } from "./hold.ts";
import { getWorker, ringWorker } from "./state.ts";

/** The agent promises diagnostics after the job: the machine stays until they are done. @throws Refused 404, 409 */
export function enableDiagnostics(core: Core, id: string): void {
  change(core, () => {
    const worker = getWorker(core, id);
    if (worker.diagnostics) return;
    if (worker.state === "destroyed") throw new Refused(409, `worker ${id} is destroyed`);
    core.db.query("UPDATE worker SET diagnostics = 1 WHERE id = ?").run(id);
    core.outbox.write(id, "post-job diagnostics enabled");
    ringWorker(core, worker);
  });
}

/** @param fault they found something: the machine is held for a look @throws Refused 404 */
export function completeDiagnostics(core: Core, id: string, fault: boolean): void {
  change(core, () => {
    const worker = getWorker(core, id);
    if (!worker.diagnostics) return;
    core.db.query("UPDATE worker SET diagnostics = 0 WHERE id = ?").run(id);
    const reason = "post-job diagnostics reported a fault";
    if (fault && worker.hold_time === null) holdWorker(core, id, reason);
    else if (fault) core.outbox.write(id, reason);
    ringWorker(core, worker);
  });
}
