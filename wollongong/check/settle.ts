import type { Wollongong } from "../wollongong.ts";
import { advanceRun } from "./advance.ts";
import { flushRuns } from "./flush.ts";
import { runsOf } from "./runs.ts";
import type { Work } from "./work.ts";

/** What a suite that is at rest may still have to do: tell GitHub what it has not heard, and end what was replaced. */
export async function settleSuite(wo: Wollongong, work: Work): Promise<void> {
  await flushRuns(wo, work);
  for (const run of runsOf(wo, work.suite.id)) if (run.active === 0) await advanceRun(wo, work, run);
}
