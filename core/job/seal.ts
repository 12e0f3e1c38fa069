import { reasonOf } from "../common/errors.ts";
import type { Core } from "../core.ts";
import { changeSoon } from "../db/change.ts";
import { policyOf } from "./archive/policy.ts";
import { wantArchive } from "./archive/state.ts";
import type { JobRow } from "./table.ts";

const AGAIN = 60_000;

/**
 * Seals the log of every job that has ended, as they end and those that an earlier process left behind, and records count,
 * bytes and hash. Returns once the server stops.
 */
export async function sealEndedJobs(core: Core): Promise<void> {
  const failed = new Map<string, number>();
  while (!core.shutdown.aborted) {
    const heard = core.bells.version("job ended");
    for (const job of unsealed(core)) {
      const { id } = job;
      if (core.shutdown.aborted) return;
      if ((failed.get(id) ?? 0) > core.world.now() - AGAIN || !core.outbox.isDelivered(id)) continue;
      try {
        await sealJob(core, job);
        failed.delete(id);
      } catch (error) {
        failed.set(id, core.world.now());
        core.logger.error(`cannot seal the log of job ${id}: ${reasonOf(error)}`, { error });
      }
    }
    const late = new AbortController();
    const cancel = core.world.after(AGAIN, () => late.abort());
    await core.bells.wait("job ended", heard, AbortSignal.any([core.shutdown, late.signal]));
    cancel();
  }
}

const unsealed = (core: Core) =>
  core.db.query<JobRow, []>("SELECT * FROM job WHERE state IN ('completed', 'failed') AND log_sha256 IS NULL ORDER BY id").all();

async function sealJob(core: Core, job: JobRow): Promise<void> {
  const { id } = job;
  const { count, bytes, sha256 } = await core.logs.seal(id);
  await core.commits.settle(id, core.shutdown);
  if (core.commits.pending(id) > 0) return; // The server stops.
  core.commits.forget(id);
  core.files.discard(id);
  // The next start looks for leftovers in jobs that are not sealed alone: there are none from here on.
  changeSoon(core, () => {
    core.db.query("UPDATE job SET log_count = ?, log_bytes = ?, log_sha256 = ? WHERE id = ?").run(count, bytes, sha256, id);
    core.outbox.close(id);
    if (policyOf(core, job).auto) wantArchive(core, id, false);
    core.bells.ring(`job ${id}`);
    core.bells.ring("archive");
  });
}
