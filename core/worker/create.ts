import { newToken } from "../common/world.ts";
import type { Core } from "../core.ts";
import { hashToken } from "../http/bearer.ts";
import { ringWorker } from "./state.ts";

/** Records a machine that is about to be made, with a single-use key for its agent. Part of the open transaction. @returns its id */
export function createWorker(core: Core, factory: string, target: string, waitForFlush: boolean): string {
  const id = core.world.id();
  const bootstrap = newToken(core.world, 64);
  core.db
    .query(
      `INSERT INTO worker (id, factory, target, state, bootstrap, bootstrap_hash, wait_for_flush, time_create)
       VALUES (?, ?, ?, 'created', ?, ?, ?, ?)`,
    )
    .run(id, factory, target, bootstrap, hashToken(bootstrap), Number(waitForFlush), core.world.now());
  ringWorker(core, { id, factory });
  return id;
}
