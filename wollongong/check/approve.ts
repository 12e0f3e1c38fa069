import { userById } from "../account/users.ts";
import { change } from "../db/change.ts";
import type { Wollongong } from "../wollongong.ts";
import { isOneOfOwners } from "./authorise.ts";
import { tell } from "./chronicle.ts";
import { rebuildSuite } from "./rerun.ts";
import { activeRuns, CONTROL, replaceRun, updateRun } from "./runs.ts";
import { wakeSuite } from "./suite.ts";
import { moveSuite } from "./suite-state.ts";
import type { SuiteRow } from "./table.ts";
import type { Work } from "./work.ts";

/** Somebody pressed Authorise: looks up whether they may. @returns whether the suite is admitted, and so has new work */
export async function answerApproval(wo: Wollongong, work: Work, by: number): Promise<boolean> {
  const { suite } = work;
  const may = await isOneOfOwners(wo, work, by);
  change(wo, () => {
    // Somebody else may have pressed it meanwhile.
    wo.db.query("UPDATE check_suite SET asked_by = NULL WHERE id = ? AND asked_by = ?").run(suite.id, by);
    if (may) admit(wo, suite, by);
    else refuse(wo, suite, by);
  });
  return may;
}

/** What has asked for it begins anew: everything, or the runs that alone want more than the policy gives everyone. */
function admit(wo: Wollongong, suite: SuiteRow, by: number): void {
  wo.db.query("UPDATE check_suite SET approved_by = ? WHERE id = ?").run(by, suite.id);
  tell(wo, suite.id, null, `${userById(wo, by)?.login} has authorised it.`);
  wakeSuite(wo, suite.id);
  const asking = activeRuns(wo, suite.id).filter(({ action }) => action === "auth");
  if (asking.some(({ variety }) => variety === "control")) rebuildSuite(wo, suite);
  else if (asking.length > 0) {
    for (const run of asking) replaceRun(wo, run);
    moveSuite(wo, suite.id, "remake");
  }
}

/** Whoever may not is told so, where they pressed. */
function refuse(wo: Wollongong, suite: SuiteRow, by: number): void {
  const note = `\`${userById(wo, by)?.login}\` pressed Authorise, but is not a member of the organisation.`;
  const runs = activeRuns(wo, suite.id);
  const asking = runs.filter(({ action }) => action === "auth");
  for (const run of asking.length > 0 ? asking : runs.filter(({ name }) => name === CONTROL)) updateRun(wo, run.id, { note });
}
