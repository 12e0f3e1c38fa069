import { change } from "../db/change.ts";
import type { CheckRunSeen } from "../github/repository.ts";
import type { Wollongong } from "../wollongong.ts";
import { isBehind } from "./behind.ts";
import { tell } from "./chronicle.ts";
import { runById, runsOf, updateRun } from "./runs.ts";
import type { RunRow } from "./table.ts";
import type { Work } from "./work.ts";

/**
 * Finds on GitHub the runs that it may have although we have no number of theirs: those whose creating answer was lost, by the id
 * of ours that they carry, and those that were made after the copy that this database was restored from.
 */
export async function reconcile(wo: Wollongong, { suite, github }: Work): Promise<void> {
  const unsure = () => runsOf(wo, suite.id).filter(({ github_id, announced }) => github_id === null && announced === 1);
  if (suite.github_id === null || unsure().length === 0) return;
  const seen = await github.runsOf(suite.github_id);
  change(wo, () => {
    for (const run of unsure()) {
      const found = seen.find(({ external_id }) => external_id === run.id) ?? takeOver(wo, run, seen);
      const known = found ? { github_id: found.id, annotated: found.annotated } : { announced: 0, annotated: 0 };
      updateRun(wo, found?.external_id ?? run.id, known, { seen: false });
    }
  });
}

/** A run that nobody has heard of yet becomes the newest one of its name that is not known here, with whatever job that has. */
function takeOver(wo: Wollongong, run: RunRow, seen: readonly CheckRunSeen[]): CheckRunSeen | undefined {
  if (!isBehind(wo) || run.active === 0 || (run.variety === "basic" && run.state !== "waiting")) return undefined;
  const newest = seen
    .filter(({ name, external_id }) => name === run.name && external_id !== null && runById(wo, external_id) === null)
    .sort((a, b) => b.id - a.id)[0];
  if (!newest?.external_id) return undefined;
  wo.db.run("PRAGMA defer_foreign_keys = ON");
  wo.db.query("UPDATE check_run SET id = ? WHERE id = ?").run(newest.external_id, run.id);
  wo.db.query("UPDATE chronicle SET run = ? WHERE run = ?").run(newest.external_id, run.id);
  tell(wo, run.check_suite, newest.external_id, `It is GitHub's check run ${newest.id}, from before the database was restored.`);
  return newest;
}
