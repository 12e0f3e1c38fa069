import { whySkipped } from "../../core/jobfile/applies.ts";
import { change } from "../db/change.ts";
import { failureOf } from "../github/failure.ts";
import type { Wollongong } from "../wollongong.ts";
import { advanceSuite } from "./advance.ts";
import { jobFileOf, planOf } from "./plan.ts";
import { finishRun } from "./run-state.ts";
import { ensureRun } from "./runs.ts";
import { getSuite } from "./suite.ts";
import { moveSuite } from "./suite-state.ts";
import { cancelSuperseded } from "./supersede.ts";
import type { SuiteRow } from "./table.ts";
import type { Work } from "./work.ts";

/** A run for each job of the plan, by name; then on to their jobs at once, as people wait for these. */
export async function makeRuns(wo: Wollongong, work: Work): Promise<void> {
  const { suite } = work;
  const paths = await changedPaths(wo, work);
  change(wo, () => {
    for (const { path, name, content } of planOf(suite)) {
      const run = ensureRun(wo, suite.id, { name, variety: "basic", path, content });
      if (run.state !== "waiting") continue;
      const file = jobFileOf(run);
      const why = whySkipped(file, { branch: suite.head_branch ?? undefined, paths });
      if (why !== undefined) finishRun(wo, run.id, "skipped", `Skipped: ${why}.`);
      if (file.cancelSuperseded) supersede(wo, suite, name);
    }
    moveSuite(wo, suite.id, "start");
  });
  await advanceSuite(wo, { ...work, suite: getSuite(wo, suite.id) });
}

/** What the commit changes, asked only where a job wants to know; undefined where it cannot be told. */
async function changedPaths(wo: Wollongong, { suite, github }: Work): Promise<string[] | undefined> {
  const files = planOf(suite).map(({ path, content }) => jobFileOf({ content, path, id: "" }));
  if (suite.base_sha === null || !files.some(({ paths, pathsIgnore }) => paths || pathsIgnore.length > 0)) return undefined;
  try {
    return await github.changed(suite.base_sha, suite.head_sha);
  } catch (error) {
    // After a forced push GitHub may not know the old commit any more.
    if (failureOf(error, wo.world.now())?.kind === "final") return undefined;
    throw error;
  }
}

function supersede(wo: Wollongong, { id, repo, pr, head_branch, head_sha, time_create }: SuiteRow, name: string): void {
  if (pr === null && head_branch === null) return;
  const why = `the newer commit ${head_sha.slice(0, 12)}`;
  cancelSuperseded(wo, { repo, pr, branch: head_branch, than: { id, time: time_create }, name, why });
}
