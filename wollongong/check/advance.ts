import { prepareRun } from "../basic/prepare.ts";
import { submitRun } from "../basic/submit.ts";
import { change } from "../db/change.ts";
import type { Wollongong } from "../wollongong.ts";
import { isBehind } from "./behind.ts";
import { flushRuns } from "./flush.ts";
import { reconcile } from "./reconcile.ts";
import { finishRun } from "./run-state.ts";
import { runById, runsOf } from "./runs.ts";
import { moveSuite } from "./suite-state.ts";
import type { RunRow } from "./table.ts";
import type { Work } from "./work.ts";

/** Takes every run as far as it goes now, tells GitHub, and completes the suite when all are over. */
export async function advanceSuite(wo: Wollongong, work: Work): Promise<void> {
  const { id } = work.suite;
  // Before it is given a job: it may turn out to have one.
  await reconcile(wo, work);
  const failures: unknown[] = [];
  // One that was submitted may be what another one waits for.
  for (let moved = true; moved; ) {
    moved = false;
    for (const run of runsOf(wo, id)) {
      try {
        const before = run.state;
        await advanceRun(wo, work, run);
        moved ||= runById(wo, run.id)?.state !== before;
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) break;
  }
  await flushRuns(wo, work);
  if (failures.length > 0) throw failures[0];
  if (runsOf(wo, id).every(({ state }) => state === "over")) change(wo, () => moveSuite(wo, id, "complete"));
}

/** Jobs that run are followed elsewhere (`basic/follow.ts`). */
export async function advanceRun(wo: Wollongong, work: Work, run: RunRow): Promise<void> {
  if (run.state === "waiting") {
    if (run.active === 0) return void change(wo, () => finishRun(wo, run.id, "cancelled", "Replaced before it began."));
    await prepareRun(wo, work, run);
  }
  const now = runById(wo, run.id);
  if (now?.state === "submitting") await submitRun(wo, work, now, { isNew: run.state === "waiting" && !isBehind(wo) });
}
