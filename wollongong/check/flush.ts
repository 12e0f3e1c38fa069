import { change } from "../db/change.ts";
import { failureOf } from "../github/failure.ts";
import type { Wollongong } from "../wollongong.ts";
import { tell } from "./chronicle.ts";
import { reconcile } from "./reconcile.ts";
import { runsOf, updateRun } from "./runs.ts";
import { showRun } from "./show.ts";
import type { RunRow } from "./table.ts";
import type { Work } from "./work.ts";

/**
 * Tells GitHub what it has not heard yet of a suite's runs. One that it will not have stops no other. A run that was replaced
 * is told of only if GitHub has it.
 *
 * @throws the first failure that may pass, once all were tried
 */
export async function flushRuns(wo: Wollongong, work: Work): Promise<void> {
  if (work.suite.github_id === null) return;
  await reconcile(wo, work);
  const stale = runsOf(wo, work.suite.id)
    .filter(({ version, flushed }) => version > flushed)
    .sort((a, b) => (a.name === b.name ? 0 : a.name < b.name ? -1 : 1));
  const results = await Promise.allSettled(
    stale.filter(({ active, github_id }) => active === 1 || github_id !== null).map((run) => flushRun(wo, work, run)),
  );
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

async function flushRun(wo: Wollongong, { suite, github }: Work, run: RunRow): Promise<void> {
  const { id, version } = run;
  const shown = showRun(wo, suite, run);
  const hash = Bun.hash(JSON.stringify(shown)).toString(36);
  const annotated = run.annotated === 1 || shown.output?.annotations !== undefined ? 1 : 0;
  const told = { flushed: version, shown: hash, annotated, flush_error: null };
  try {
    if (run.github_id === null) {
      change(wo, () => updateRun(wo, id, { announced: 1 }, { seen: false }));
      const githubId = await github.createRun({ ...shown, name: run.name, head_sha: suite.head_sha, external_id: id });
      change(wo, () => {
        updateRun(wo, id, { ...told, github_id: githubId }, { seen: false });
        tell(wo, suite.id, id, `GitHub has it as check run ${githubId}.`);
      });
      return;
    }
    if (hash !== run.shown) await github.updateRun(run.github_id, shown);
    change(wo, () => updateRun(wo, id, told, { seen: false }));
  } catch (error) {
    const failure = failureOf(error, wo.world.now());
    if (failure?.kind !== "final") throw error;
    const what = `GitHub refused it (${failure.status}): ${failure.message}`;
    wo.logger.error(`run ${id} cannot be shown: ${what}`, { error });
    const announced = run.github_id === null ? { announced: 0 as const } : {};
    change(wo, () => {
      updateRun(wo, id, { flushed: version, flush_error: what, ...announced }, { seen: false });
      tell(wo, suite.id, id, what);
    });
  }
}
