import { reasonOf } from "../../core/common/errors.ts";
import { type Backoff, backoffFor } from "../../core/common/retry.ts";
import { installById } from "../account/installs.ts";
import { repositoryById } from "../account/repositories.ts";
import { change } from "../db/change.ts";
import { failureOf } from "../github/failure.ts";
import { GitHubRepository } from "../github/repository.ts";
import type { Wollongong } from "../wollongong.ts";
import { advanceSuite } from "./advance.ts";
import { answerApproval } from "./approve.ts";
import { buildSuite } from "./build.ts";
import { tell } from "./chronicle.ts";
import { makeRuns } from "./make-runs.ts";
import { settleSuite } from "./settle.ts";
import { getSuite, wakeSuite } from "./suite.ts";
import { Outdated } from "./suite-state.ts";
import type { SuiteRow, SuiteState } from "./table.ts";
import type { Work } from "./work.ts";

/** What there is to do for a suite in each state. Each can be done again at any time: it begins with what is there. */
const STEPS: Readonly<Record<SuiteState, (wo: Wollongong, work: Work) => Promise<void>>> = {
  created: buildSuite,
  planned: makeRuns,
  running: advanceSuite,
  parked: settleSuite,
  complete: settleSuite,
  retired: settleSuite,
};

/** So many suites are worked on at once. */
const AT_ONCE = 16;
const BACKOFF: Backoff = { first: 1000, most: 300_000 };

/** Works on the suites that are due, several at a time, until the server stops. */
export async function workOnSuites(wo: Wollongong): Promise<void> {
  wakeUnfinished(wo);
  const busy = new Map<string, Promise<void>>();
  const limits: Limits = new Map();
  while (!wo.shutdown.aborted) {
    const rung = wo.bells.version("suite");
    for (const id of dueSuites(wo, AT_ONCE)) {
      if (busy.has(id) || busy.size >= AT_ONCE) continue;
      const working = workOn(wo, id, limits).finally(() => {
        busy.delete(id);
        wo.bells.ring("suite");
      });
      busy.set(id, working);
    }
    await nextDue(wo, rung, busy);
  }
  await Promise.all(busy.values());
}

/** What a process that was killed had in hand. */
function wakeUnfinished(wo: Wollongong): void {
  const open = wo.db
    .query<{ id: string }, []>(
      `SELECT id FROM check_suite WHERE state IN ('created', 'planned', 'running')
       UNION SELECT id FROM check_suite WHERE asked_by IS NOT NULL
       UNION SELECT check_suite FROM check_run WHERE active = 0 AND state IN ('waiting', 'submitting')
       UNION SELECT check_suite FROM check_run WHERE version > flushed AND flush_error IS NULL
         AND (active = 1 OR announced = 1 OR github_id IS NOT NULL)`,
    )
    .all();
  change(wo, () => {
    for (const { id } of open) wakeSuite(wo, id);
  });
}

const dueSuites = ({ db, world }: Wollongong, most: number): string[] =>
  db
    .query<{ id: string }, [number, number]>("SELECT id FROM check_suite WHERE due <= ? ORDER BY due LIMIT ?")
    .all(world.now(), 2 * most)
    .map(({ id }) => id);

async function nextDue(wo: Wollongong, rung: number, busy: ReadonlyMap<string, unknown>): Promise<void> {
  const next = wo.db
    .query<{ id: string; due: number }, []>("SELECT id, due FROM check_suite WHERE due IS NOT NULL ORDER BY due LIMIT 33")
    .all()
    .find(({ id }) => !busy.has(id));
  const late = new AbortController();
  const wait = next && busy.size < AT_ONCE ? Math.max(0, next.due - wo.world.now()) : undefined;
  const cancel = wait === undefined ? undefined : wo.world.after(wait, () => late.abort());
  await wo.bells.wait("suite", rung, AbortSignal.any([wo.shutdown, late.signal]));
  cancel?.();
}

/** By installation, until when GitHub wants to hear nothing of it (ms): whoever asks all the same is shut out for longer. */
type Limits = Map<number, number>;

/** One step. It takes the wish for work away first, so that a wish that comes meanwhile leads to another one. */
async function workOn(wo: Wollongong, id: string, limits: Limits): Promise<void> {
  change(wo, () => wo.db.query("UPDATE check_suite SET due = NULL WHERE id = ?").run(id));
  const suite = getSuite(wo, id);
  const repository = repositoryById(wo, suite.repo);
  const install = installById(wo, suite.install);
  // Without the App on the account nobody would hear us; an installation that comes back wakes its suites.
  if (!repository || repository.deleted === 1 || install?.state !== "active") return;
  const limit = limits.get(install.id) ?? 0;
  if (limit > wo.world.now()) return change(wo, () => wakeSuite(wo, id, limit));
  const github = new GitHubRepository(wo.github.as(install.id), repository.owner, repository.name);
  const work = { suite, repository, install, github };
  try {
    if (suite.asked_by === null || !(await answerApproval(wo, work, suite.asked_by))) await STEPS[suite.state](wo, work);
    if (suite.tries > 0 || suite.error !== null)
      change(wo, () => wo.db.query("UPDATE check_suite SET tries = 0, error = NULL WHERE id = ?").run(id));
  } catch (error) {
    if (!wo.shutdown.aborted) failed(wo, suite, error, limits);
  }
}

/** Whatever it was, it is tried again; when, depends on what it was. */
function failed(wo: Wollongong, suite: SuiteRow, error: unknown, limits: Limits): void {
  if (error instanceof Outdated) {
    change(wo, () => wakeSuite(wo, suite.id));
    return;
  }
  const tries = suite.tries + 1;
  const now = wo.world.now();
  const failure = failureOf(error, now);
  if (failure?.kind === "limited") limits.set(suite.install, failure.until);
  const at = failure?.kind === "limited" ? failure.until : now + backoffFor(wo.world, tries, BACKOFF);
  const say = failure === undefined ? wo.logger.error : wo.logger.warn;
  say(`suite ${suite.id} (${suite.state}) is tried again: ${reasonOf(error)}`, {
    error,
    tries,
    seconds: Math.round((at - now) / 1000),
  });
  change(wo, () => {
    wo.db.query("UPDATE check_suite SET tries = ?, error = ? WHERE id = ?").run(tries, reasonOf(error), suite.id);
    tell(wo, suite.id, null, `It is tried again at ${new Date(at).toISOString()}: ${reasonOf(error)}`);
    wakeSuite(wo, suite.id, at);
  });
}
