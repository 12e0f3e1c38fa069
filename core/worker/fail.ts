import { inWords } from "../common/duration.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { loseWorkerOf, tookBack } from "../job/lose.ts";
import { activeJobOf, lastDeed } from "../job/worker.ts";
import { isInterruptible } from "./interrupt.ts";
import { getWorker, moveWorker } from "./state.ts";

/**
 * Gives a worker up: its job, if it runs one, fails or will be tried again, and its machine is destroyed. Nothing happens to
 * one that is given up already.
 *
 * @param why in words for the user: `the agent became unresponsive`
 */
export function failWorker(core: Core, id: string, why: string): void {
  change(core, () => {
    const worker = getWorker(core, id);
    if (worker.state !== "created" && worker.state !== "online") return;
    loseJobOf(core, id, why);
    moveWorker(core, id, "recycle", `given up: ${why}`);
  });
}

/**
 * Tells the job that a lost worker was running, naming the worker and what it was last at.
 *
 * @param gone so is its machine, and all is known that will ever be
 */
export function loseJobOf(core: Core, id: string, why: string, gone = false): void {
  const job = activeJobOf(core, id);
  if (!job) return;
  const worker = getWorker(core, id);
  const { lastping, interrupted: by } = worker;
  const silence =
    lastping === null ? "its agent was never heard of" : `last heard of ${inWords(core.world.now() - lastping)} ago`;
  const deed = lastping === null ? "" : `, when ${lastDeed(core, job)}`;
  loseWorkerOf(core, job, {
    why: `worker ${id} was lost: ${by === null ? why : tookBack(by)} (${silence}${deed})`,
    interrupted: by !== null || (!gone && isInterruptible(worker) && "open"),
  });
}
