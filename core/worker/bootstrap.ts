import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { hashToken, unauthorised } from "../http/bearer.ts";
import { noteStart } from "../job/start.ts";
import { activeJobOf } from "../job/worker.ts";
import { getTarget } from "../target/target.ts";
import { moveWorker, ringWorker } from "./state.ts";
import type { WorkerRow } from "./table.ts";

/**
 * Exchanges the single-use key that the machine was made with for a token of the agent's own choice. The same agent may
 * repeat the call.
 *
 * @returns the worker's id
 * @throws Refused 401 for an unknown key, a machine that its factory has not named yet (the agent asks again), a key that was used,
 *   or a token that another agent has
 */
export function bootstrapWorker(core: Core, bootstrap: string, token: string): string {
  return change(core, () => {
    const worker = core.db.query<WorkerRow, [string]>("SELECT * FROM worker WHERE bootstrap_hash = ?").get(hashToken(bootstrap));
    if (!worker || worker.state === "destroyed") throw unauthorised();
    if (worker.factory_private === null) throw new Refused(401, "not authorised yet: the factory has not named this machine");
    const hash = hashToken(token);
    if (worker.token_hash === hash) return worker.id;
    if (worker.token_hash !== null || isTaken(core, hash)) throw unauthorised();
    const now = core.world.now();
    core.db
      .query("UPDATE worker SET token_hash = ?, bootstrap = NULL, lastping = ?, time_online = ? WHERE id = ?")
      .run(hash, now, now, worker.id);
    if (worker.state === "created") moveWorker(core, worker.id, "appear", "the agent is online");
    core.metrics.observe(
      "worker_boot_seconds",
      { target: getTarget(core, worker.target).name },
      (now - worker.time_create) / 1000,
    );
    const job = activeJobOf(core, worker.id);
    if (job) noteStart(core, job);
    ringWorker(core, worker);
    return worker.id;
  });
}

/** Whether another agent has chosen that token. */
const isTaken = (core: Core, hash: string): boolean =>
  core.db.query("SELECT 1 FROM worker WHERE token_hash = ?").get(hash) !== null;
