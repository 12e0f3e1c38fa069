import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { dropLeasesOf } from "../job/lease.ts";
import { getFactory } from "./find.ts";
import type { FactoryRow } from "./table.ts";

/** What a factory may do; `drained`: it was draining, and its last machine is gone. */
export type FactoryMode = "enabled" | "disabled" | "draining" | "drained";

/** @param workers of it whose machine may exist */
export function modeOf({ enable, draining }: FactoryRow, workers: number): FactoryMode {
  if (enable) return "enabled";
  if (!draining) return "disabled";
  return workers > 0 ? "draining" : "drained";
}

/** It may take leases. @param holdWorkers its new workers are born held @throws Refused 404 */
export const enableFactory = (core: Core, id: string, holdWorkers: boolean): void =>
  setMode(core, id, { enable: 1, draining: 0, hold_workers: holdWorkers ? 1 : 0 });

/** It gets no more leases; what it has begun goes on, and its waiting workers may still get a job. @throws Refused 404 */
export const disableFactory = (core: Core, id: string): void => setMode(core, id, { enable: 0, draining: 0 });

/**
 * It takes no new work of any kind: no leases, those it has end, no new workers, and workers without a job are recycled. Jobs
 * that run end as usual; then it has no machines left. @throws Refused 404
 */
export function drainFactory(core: Core, id: string): void {
  change(core, () => {
    setMode(core, id, { enable: 0, draining: 1 });
    dropLeasesOf(core, id);
    core.bells.ring("schedule");
  });
}

function setMode(core: Core, id: string, changes: Partial<Pick<FactoryRow, "enable" | "draining" | "hold_workers">>): void {
  change(core, () => {
    const { enable, draining, hold_workers } = { ...getFactory(core, id), ...changes };
    core.db
      .query("UPDATE factory SET enable = ?, draining = ?, hold_workers = ? WHERE id = ?")
      .run(enable, draining, hold_workers, id);
    core.bells.ring("lease");
  });
}
