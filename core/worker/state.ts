import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { changeSoon } from "../db/change.ts";
import { getTarget } from "../target/target.ts";
import { costOf } from "./cost.ts";
import type { WorkerRow, WorkerState } from "./table.ts";

interface Move {
  readonly from: readonly WorkerState[];
  readonly to: WorkerState;
}

/** Every legal move of a worker. Holds and diagnostics lie over these states; see hold.ts and diagnostics.ts. */
export const MOVES = {
  /** Its agent has spoken for the first time. */
  appear: { from: ["created"], to: "online" },
  /** Its machine is to be destroyed. */
  recycle: { from: ["created", "online"], to: "recycling" },
  /** Its factory has destroyed the machine, or lost it. */
  destroy: { from: ["created", "online", "recycling"], to: "destroyed" },
} as const satisfies Record<string, Move>;

export type MoveName = keyof typeof MOVES;

/**
 * The one door through which a worker changes state.
 *
 * @param why for the worker's own log @throws Refused 404 for an unknown worker, 409 for a move that its state does not allow
 */
export function moveWorker(core: Core, id: string, name: MoveName, why: string): void {
  const move: Move = MOVES[name];
  changeSoon(core, () => {
    const worker = getWorker(core, id);
    if (!move.from.includes(worker.state)) throw new Refused(409, `cannot ${name} worker ${id}: it is ${worker.state}`);
    core.db.query("UPDATE worker SET state = ? WHERE id = ?").run(move.to, id);
    if (move.to === "destroyed") noteEnd(core, id);
    core.outbox.write(id, why);
    if (move.to === "destroyed") core.outbox.close(id);
    ringWorker(core, worker);
  });
}

function noteEnd(core: Core, id: string): void {
  core.db.query("UPDATE worker SET diagnostics = 0, bootstrap = NULL, time_destroyed = ? WHERE id = ?").run(core.world.now(), id);
  const worker = getWorker(core, id);
  const cost = costOf(core, worker);
  if (!cost) return;
  const target = getTarget(core, worker.target).name;
  core.metrics.add("instance_seconds_total", cost.instance_seconds, { target });
  if (cost.money !== null) core.metrics.add("instance_money_total", cost.money, { target, currency: cost.currency ?? "" });
}

/** Has the worker's machine destroyed; does nothing where that is under way. @throws Refused 404 */
export function recycleWorker(core: Core, id: string, why: string): void {
  changeSoon(core, () => {
    const { state } = getWorker(core, id);
    if (state === "created" || state === "online") moveWorker(core, id, "recycle", why);
  });
}

/** Tells its agent, its factory and the scheduler that a worker is not what it was. */
export function ringWorker(core: Core, { id, factory }: Pick<WorkerRow, "id" | "factory">): void {
  core.bells.ring(`worker ${id}`);
  core.bells.ring(`factory ${factory}`);
  core.bells.ring("schedule");
}

/** @throws Refused 404 */
export function getWorker(core: Core, id: string): WorkerRow {
  const row = core.db.query<WorkerRow, [string]>("SELECT * FROM worker WHERE id = ?").get(id);
  if (!row) throw new Refused(404, `there is no worker ${id}`);
  return row;
}

/** Every worker whose machine may exist, oldest first; with `+id` these are sorted, rather than all that ever were read in order. @param factory only this one's */
export const aliveWorkers = (core: Core, factory?: string): WorkerRow[] =>
  factory === undefined
    ? core.db.query<WorkerRow, []>("SELECT * FROM worker WHERE state <> 'destroyed' ORDER BY +id").all()
    : core.db
        .query<WorkerRow, [string]>("SELECT * FROM worker WHERE state <> 'destroyed' AND factory = +? ORDER BY id")
        .all(factory);

export const isAlive = (core: Core, id: string): boolean =>
  core.db.query("SELECT 1 FROM worker WHERE id = ? AND state <> 'destroyed'").get(id) !== null;
