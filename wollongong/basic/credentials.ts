import { CallFailed } from "../../core/client/failure.ts";
import { reasonOf } from "../../core/common/errors.ts";
import { backoffFor } from "../../core/common/retry.ts";
import type { InstallRow } from "../account/table.ts";
import { cancelRun } from "../check/cancel.ts";
import { jobFileOf } from "../check/plan.ts";
import { runById, updateRun } from "../check/runs.ts";
import type { RunRow, SuiteRow } from "../check/table.ts";
import { change } from "../db/change.ts";
import { failureOf } from "../github/failure.ts";
import { mintJobToken } from "../github/job-token.ts";
import { secretsFor, ungivenOf } from "../secret/secrets.ts";
import type { Wollongong } from "../wollongong.ts";

interface Recipient {
  run: RunRow;
  suite: SuiteRow;
  install: InstallRow;
  core: ReturnType<Wollongong["coreOf"]>;
}

const TOKEN = "GITHUB_TOKEN";
/** GitHub's tokens are valid for an hour. */
const LIFE = 3600_000;
/** Clocks may differ: it is never asked for more often, ms. */
const LEAST = 60_000;
/** A new token comes so long before the old one ends, ms. */
const AHEAD = 600_000;

/**
 * Gives a running job what it must not have earlier or elsewhere: the repository's secrets, and a token that reads the
 * repository, made anew before it ends, until `signal` fires. All of it is masked in the log.
 */
export async function keepCredentials(wo: Wollongong, recipient: Recipient, signal: AbortSignal): Promise<void> {
  for (let tries = 0; !signal.aborted; ) {
    try {
      const until = await handOver(wo, recipient, signal);
      tries = 0;
      await wo.world.sleep(Math.max(LEAST, until - AHEAD - wo.world.now()), signal);
    } catch (error) {
      // It has ended, or the core is not ours any more: following will find out.
      if (signal.aborted || (error instanceof CallFailed && !error.passing)) return;
      const failure = failureOf(error, wo.world.now());
      if (failure?.kind === "final") return giveUp(wo, recipient.run, failure.message);
      wo.logger.warn(`run ${recipient.run.id} gets its token later: ${reasonOf(error)}`, { error });
      const wait = failure?.kind === "limited" ? failure.until - wo.world.now() : backoffFor(wo.world, ++tries);
      await wo.world.sleep(wait, signal);
    }
  }
}

/** @returns when the token that the job has ends to be valid */
async function handOver(wo: Wollongong, { run, suite, install, core }: Recipient, signal: AbortSignal): Promise<number> {
  const job = run.job ?? "";
  const store = await core.call("job_store_get_all", { path: { job } }, { signal });
  const asked = { suite, owner: install.owner, names: jobFileOf(run).secrets };
  for (const [name, value] of Object.entries(await secretsFor(wo, asked)))
    if (!(name in store)) await put(core, job, name, value, signal);
  // They may have been set, or deleted, since it was submitted.
  const ungiven = ungivenOf(wo, asked);
  if (runById(wo, run.id)?.ungiven !== ungiven) change(wo, () => updateRun(wo, run.id, { ungiven }));
  const given = store[TOKEN];
  const until = given ? Date.parse(given.time_update) + LIFE : 0;
  if (until - AHEAD > wo.world.now()) return until;
  const repositories = [suite.repo, ...(JSON.parse(run.extra_repos) as number[])];
  const { token, expires } = await mintJobToken(wo.github, install.id, repositories);
  await put(core, job, TOKEN, token, signal);
  return expires;
}

const put = (core: Recipient["core"], job: string, name: string, value: string, signal: AbortSignal) =>
  core.call("job_store_put", { path: { job, name }, body: { value, secret: true } }, { signal, patience: 10_000 });

/** Without its token it would wait for ever. */
function giveUp(wo: Wollongong, { id }: RunRow, message: string): void {
  change(wo, () => {
    const run = runById(wo, id);
    if (run) cancelRun(wo, run, `GitHub gave no token for its repositories: ${message}`);
  });
}
