import { reportOf } from "../basic/reports.ts";
import { change } from "../db/change.ts";
import { failureOf } from "../github/failure.ts";
import { type Annotation, MOST_ANNOTATIONS, type ShownRun } from "../github/repository.ts";
import type { Wollongong } from "../wollongong.ts";
import { tell } from "./chronicle.ts";
import { reconcile } from "./reconcile.ts";
import { type RunChanges, runsOf, updateRun } from "./runs.ts";
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

async function flushRun(wo: Wollongong, work: Work, run: RunRow): Promise<void> {
  const { id, version } = run;
  const shown = showRun(wo, work.suite, run);
  const hash = Bun.hash(JSON.stringify(shown)).toString(36);
  const all = reportOf(run)?.annotations ?? [];
  const done = { flushed: version, shown: hash, annotated: all.length, flush_error: null };
  try {
    const parts = await annotationsLeft(work, run, all);
    const last = parts.length === 0 ? done : {};
    const githubId = run.github_id ?? (await createRun(wo, work, run, shown, last));
    if (run.github_id !== null && parts.length === 0) {
      if (hash !== run.shown) await work.github.updateRun(githubId, shown);
      change(wo, () => updateRun(wo, id, done, { seen: false }));
    }
    for (const [i, { annotations, told }] of parts.entries()) {
      change(wo, () => updateRun(wo, id, { annotated: null }, { seen: false }));
      await work.github.updateRun(githubId, shown, annotations);
      change(wo, () => updateRun(wo, id, { annotated: told, ...(i + 1 < parts.length ? {} : done) }, { seen: false }));
    }
  } catch (error) {
    refused(wo, run, error);
  }
}

/** It is announced before, so that a run whose creating answer is lost is looked for. @returns GitHub's id */
async function createRun(
  wo: Wollongong,
  { suite, github }: Work,
  { id, name }: RunRow,
  shown: ShownRun,
  last: RunChanges,
): Promise<number> {
  change(wo, () => updateRun(wo, id, { announced: 1 }, { seen: false }));
  const github_id = await github.createRun({ ...shown, name, head_sha: suite.head_sha, external_id: id });
  change(wo, () => {
    updateRun(wo, id, { ...last, github_id }, { seen: false });
    tell(wo, suite.id, id, `GitHub has it as check run ${github_id}.`);
  });
  return github_id;
}

interface Part {
  annotations: Annotation[];
  /** How many GitHub has with these. */
  told: number;
}

/** What GitHub has not heard yet, in parts as it takes them. It would add what it is told twice. */
async function annotationsLeft({ github }: Work, run: RunRow, all: readonly Annotation[]): Promise<Part[]> {
  // Of a call whose answer never came nobody but GitHub knows.
  const has = run.annotated ?? (run.github_id === null ? 0 : await github.annotationsOf(run.github_id));
  const parts: Part[] = [];
  for (let told = has; told < all.length; ) {
    const annotations = all.slice(told, told + MOST_ANNOTATIONS);
    told += annotations.length;
    parts.push({ annotations, told });
  }
  return parts;
}

/** @throws whatever may pass */
function refused(wo: Wollongong, { id, check_suite, github_id, version }: RunRow, error: unknown): void {
  const failure = failureOf(error, wo.world.now());
  if (failure?.kind !== "final") throw error;
  const what = `GitHub refused it (${failure.status}): ${failure.message}`;
  wo.logger.error(`run ${id} cannot be shown: ${what}`, { error });
  const announced = github_id === null ? { announced: 0 as const } : {};
  change(wo, () => {
    updateRun(wo, id, { flushed: version, flush_error: what, ...announced }, { seen: false });
    tell(wo, check_suite, id, what);
  });
}
