import { setImmediate } from "node:timers/promises";
import { reasonOf } from "../common/errors.ts";
import type { Core } from "../core.ts";
import { forgetOld } from "../http/idempotency.ts";
import { pass } from "./pass.ts";

const HOUSEKEEPING = 600_000;

/**
 * Runs the pass whenever the bell `schedule` rings, many rings in one, and every few seconds as a safety net. Returns once
 * the server stops.
 */
export async function runScheduler(core: Core): Promise<void> {
  let cleaned = 0;
  while (!core.shutdown.aborted) {
    const heard = core.bells.version("schedule");
    pass(core);
    if (core.world.now() - cleaned > HOUSEKEEPING) {
      cleaned = core.world.now();
      housekeep(core);
    }
    const cancel = core.world.after(core.config.schedule.safety_net * 1000, () => core.bells.ring("schedule"));
    await core.bells.wait("schedule", heard, core.shutdown);
    cancel();
    // Whoever rang gets its answer first.
    await setImmediate();
  }
}

/** That old rows stay for another while, as on a full disk, is no reason to end. */
function housekeep(core: Core): void {
  try {
    forgetOld(core);
  } catch (error) {
    core.logger.error(`cannot drop old answers: ${reasonOf(error)}`, { error });
  }
}
