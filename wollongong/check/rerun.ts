import type { Wollongong } from "../wollongong.ts";
import { jobFileOf } from "./plan.ts";
import { activeRuns, replaceRun, updateRun } from "./runs.ts";
import { moveSuite } from "./suite-state.ts";
import type { RunRow, SuiteRow } from "./table.ts";

/** Everything from the beginning: policy, plan and all runs. Part of the caller's transaction. */
export function rebuildSuite(wo: Wollongong, { id }: SuiteRow): void {
  for (const run of activeRuns(wo, id)) if (run.variety === "basic" || run.state === "over") replaceRun(wo, run);
  moveSuite(wo, id, "rebuild");
}

/** Runs one run again: a new one takes its place. Of the control run: everything. Part of the caller's transaction. */
export function rerunRun(wo: Wollongong, suite: SuiteRow, run: RunRow): void {
  if (run.variety === "control" || suite.plan === null) {
    rebuildSuite(wo, suite);
    return;
  }
  replaceRun(wo, run);
  for (const other of activeRuns(wo, suite.id))
    if (other.state === "submitted" || other.state === "over")
      if (dependsOn(other, run.name))
        updateRun(wo, other.id, { note: `It used an earlier result of \`${run.name}\`, which was run again since.` });
  moveSuite(wo, suite.id, suite.state === "created" ? "rebuild" : "remake");
}

const dependsOn = (run: RunRow, name: string): boolean =>
  run.variety === "basic" && run.job !== null && Object.values(jobFileOf(run).dependencies).includes(name);
