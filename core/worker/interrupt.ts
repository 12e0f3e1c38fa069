import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change, changeSoon } from "../db/change.ts";
import { hadJob } from "../job/worker.ts";
import { tellJob } from "./recycle.ts";
import type { FactoryMetadata } from "./schema.ts";
import { getWorker, recycleWorker } from "./state.ts";
import type { WorkerRow } from "./table.ts";

/** Whether its machine is of the kind that a provider may take back in the middle of a job, as its factory has told. */
export const isInterruptible = ({ factory_metadata }: Pick<WorkerRow, "factory_metadata">): boolean =>
  factory_metadata !== null && Boolean((JSON.parse(factory_metadata) as FactoryMetadata).interruption_notices);

/**
 * The agent has been given notice: its machine will be taken back. Its job has until then to end; without one, the machine goes at
 * once.
 *
 * @param time RFC 3339 @throws Refused 409 for a machine of a kind that nobody takes back
 */
export function noteNotice(core: Core, id: string, by: string, time: string): void {
  change(core, () => {
    const worker = getWorker(core, id);
    if (worker.interrupted !== null) return;
    if (!isInterruptible(worker)) throw new Refused(409, `the machine of worker ${id} is none that is taken back`);
    setInterrupted(core, id, by);
    const notice = `${by} will take the machine of worker ${id} back at ${time}`;
    core.outbox.write(id, notice);
    tellJob(core, id, `${notice}: if the job has not ended by then, it will be tried again on another one`);
    if (!hadJob(core, id)) recycleWorker(core, id, notice);
  });
}

/** The factory has seen that the machine was taken back. Part of the open transaction. */
export const setInterrupted = (core: Core, id: string, by: string): void =>
  changeSoon(core, () => void core.db.query("UPDATE worker SET interrupted = ? WHERE id = ?").run(by, id));
