import { userById } from "../account/users.ts";
import { change } from "../db/change.ts";
import type { Wollongong } from "../wollongong.ts";
import { isOneOfOwners } from "./authorise.ts";
import { tell } from "./chronicle.ts";
import { flushRuns } from "./flush.ts";
import { rebuildSuite } from "./rerun.ts";
import { activeRunNamed, activeRuns, CONTROL, updateRun } from "./runs.ts";
import type { SuiteRow } from "./table.ts";
import type { Work } from "./work.ts";

/** What a suite that is at rest may still have to do: look up who pressed Authorise, and tell GitHub what it has not heard. */
export async function settleSuite(wo: Wollongong, work: Work): Promise<void> {
  const { suite } = work;
  if (suite.asked_by !== null) {
    const may = await isOneOfOwners(wo, work, suite.asked_by);
    change(wo, () => answer(wo, suite, suite.asked_by ?? 0, may));
    if (may) return;
  }
  await flushRuns(wo, work);
}

/** A member admits the suite; anybody else is told that they cannot. */
function answer(wo: Wollongong, suite: SuiteRow, by: number, may: boolean): void {
  wo.db.query("UPDATE check_suite SET asked_by = NULL WHERE id = ?").run(suite.id);
  if (may) {
    wo.db.query("UPDATE check_suite SET approved_by = ? WHERE id = ?").run(by, suite.id);
    tell(wo, suite.id, null, `${userById(wo, by)?.login} has authorised it.`);
    rebuildSuite(wo, suite);
    return;
  }
  const note = `\`${userById(wo, by)?.login}\` pressed Authorise, but is not a member of the organisation.`;
  const asking = activeRuns(wo, suite.id).filter(({ action }) => action === "auth");
  const control = activeRunNamed(wo, suite.id, CONTROL);
  for (const run of asking.length > 0 ? asking : control ? [control] : []) updateRun(wo, run.id, { note });
}
