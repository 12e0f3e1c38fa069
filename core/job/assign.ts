import { inWords } from "../common/duration.ts";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { getWorker, ringWorker } from "../worker/state.ts";
import { noteStart } from "./start.ts";
import { getJob, moveJob, timeOf } from "./state.ts";
import { hadJob } from "./worker.ts";

/**
 * Gives a queued job to a worker of its target.
 *
 * @param factoryName as the user reads it in the log
 * @throws Refused 404, 409 when the job is not queued or the worker cannot take it
 */
export function assignJob(core: Core, job: string, worker: string, factoryName: string): void {
  change(core, () => {
    const { target_id, attempt, state } = getJob(core, job);
    if (state !== "queued") throw new Refused(409, `job ${job} cannot be given to a worker: it is ${state}`);
    const row = getWorker(core, worker);
    if (row.state !== "created" && row.state !== "online")
      throw new Refused(409, `worker ${worker} takes no job: it is ${row.state}`);
    if (row.target !== target_id) throw new Refused(409, `worker ${worker} is of another target than job ${job}`);
    if (hadJob(core, worker)) throw new Refused(409, `worker ${worker} had its job already`);
    core.db.query("UPDATE attempt SET worker = ? WHERE job = ? AND number = ?").run(worker, job, attempt);
    core.db.query("DELETE FROM lease WHERE job = ?").run(job);
    const queued = core.world.now() - (timeOf(core, job, "ready") ?? core.world.now());
    const where = row.factory_private ? `${factoryName}, ${row.factory_private}` : factoryName;
    moveJob(core, job, "assign", `assigned to worker ${worker} [${where}] (queued for ${inWords(queued)})`);
    noteStart(core, { id: job, target_id });
    ringWorker(core, row);
  });
}
