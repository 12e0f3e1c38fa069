import { change } from "../db/change.ts";
import type { Wollongong } from "../wollongong.ts";
import { wakeSuite } from "./suite.ts";
import type { SuiteRow, SuiteState } from "./table.ts";

interface Move {
  readonly from: readonly SuiteState[];
  readonly to: SuiteState;
}

/** Every legal move of a check suite; each leaves it due, as the new state has work of its own. */
export const MOVES = {
  /** The plan was read from the commit. */
  plan: { from: ["created"], to: "planned" },
  /** It waits for somebody: an approval, or another try. */
  park: { from: ["created", "planned"], to: "parked" },
  /** The repository does not want us. */
  retire: { from: ["created"], to: "retired" },
  /** Its runs are there. */
  start: { from: ["planned"], to: "running" },
  complete: { from: ["running"], to: "complete" },
  /** From the beginning: approved, or run again as a whole. */
  rebuild: { from: ["created", "parked", "planned", "running", "complete"], to: "created" },
  /** One of its runs is run again. */
  remake: { from: ["planned", "running", "complete"], to: "planned" },
} as const satisfies Record<string, Move>;

export type MoveName = keyof typeof MOVES;

/** The suite was changed by somebody else while it was worked on: whatever is to be done begins with a new look. */
export class Outdated extends Error {}

/** The one door through which a check suite changes state; part of the caller's transaction. @throws Outdated */
export function moveSuite(wo: Wollongong, id: string, name: MoveName): void {
  const move: Move = MOVES[name];
  change(wo, () => {
    const { state } = wo.db.query<Pick<SuiteRow, "state">, [string]>("SELECT state FROM check_suite WHERE id = ?").get(id) ?? {};
    if (state === undefined || !move.from.includes(state)) throw new Outdated(`cannot ${name} suite ${id}: it is ${state}`);
    wo.db.query("UPDATE check_suite SET state = ? WHERE id = ?").run(move.to, id);
    wakeSuite(wo, id);
  });
}
