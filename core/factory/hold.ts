import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { readSetting, writeSetting } from "../db/setting.ts";
import type { FactoryRow } from "./table.ts";

/** While held, no factory gets a lease; what is under way goes on. Outlasts a restart. */
export function setHold(core: Core, hold: boolean): void {
  change(core, () => {
    writeSetting(core.db, "hold", String(hold));
    core.bells.ring("lease");
  });
}

export const isHeld = (core: Core): boolean => (readSetting(core.db, "hold") ?? String(core.config.admin.hold)) === "true";

/** Whether a factory gets leases. */
export const mayTakeWork = (core: Core, { enable }: Pick<FactoryRow, "enable">): boolean => enable === 1 && !isHeld(core);
