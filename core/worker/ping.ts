import { isDiskFull } from "../common/disk-full.ts";
import type { Core } from "../core.ts";
import { factoryName } from "../factory/find.ts";
import { jobForWorker } from "../job/for-worker.ts";
import { jobOf } from "../job/worker.ts";
import type { FactoryMetadata, WorkerPingResult } from "./schema.ts";
import { getWorker } from "./state.ts";

/** A ping so soon after another is not worth a flush to disk. */
const FRESH = 2000;

/** Notes that the agent was heard of. @param longPolls it keeps a call open all the time, so that its silence tells soon */
export function heardOf(core: Core, id: string, longPolls: boolean): void {
  const now = core.world.now();
  if (now - (getWorker(core, id).lastping ?? 0) < FRESH) return;
  try {
    core.db.query("UPDATE worker SET lastping = ?, long_polls = ? WHERE id = ?").run(now, Number(longPolls), id);
  } catch (error) {
    // Presence knows it too: a machine must not be taken for lost because our disk is full.
    if (!isDiskFull(error)) throw error;
    core.logger.error("cannot note that an agent was heard of", { worker: id, error });
  }
}

/** The agent keeps a ping open until `poll` settles; from then on its silence counts. */
export async function whilePresent<T>(core: Core, id: string, poll: Promise<T>): Promise<T> {
  core.presence.enter(id);
  try {
    return await poll;
  } finally {
    core.presence.leave(id, core.world.now());
    if (!core.shutdown.aborted) heardOf(core, id, true);
  }
}

/** What a worker should know: whether to stop, its job, and what its factory says. */
export function whatsNext(core: Core, id: string): WorkerPingResult {
  const worker = getWorker(core, id);
  const kept = worker.hold_time !== null || worker.diagnostics === 1;
  const job = worker.wait_for_flush ? undefined : jobOf(core, id);
  return {
    poweroff: !kept && (worker.state === "recycling" || worker.state === "destroyed"),
    job: job ? jobForWorker(core, job) : null,
    factory_metadata: worker.factory_metadata === null ? null : (JSON.parse(worker.factory_metadata) as FactoryMetadata),
    factory_info: { id: worker.factory, name: factoryName(core, worker.factory), private: worker.factory_private },
  };
}
