import { change } from "../db/change.ts";
import type { Wollongong } from "../wollongong.ts";
import { tell } from "./chronicle.ts";
import { wakeSuite } from "./suite.ts";
import type { SuiteRow, SuiteState } from "./table.ts";

interface Move {
  readonly from: readonly SuiteState[];
  readonly to: SuiteState;
  /** For the chronicle. */
  readonly says: string;
}

/** Every legal move of a check suite; each leaves it due, as the new state has work of its own. */
export const MOVES = {
  /** The plan was read from the commit. */
  plan: { from: ["created"], to: "planned", says: "Its plan was loaded from the commit." },
  /** It waits for somebody: an approval, or another try. */
  park: { from: ["created", "planned"], to: "parked", says: "It waits for somebody." },
  /** The repository does not want us. */
  retire: { from: ["created"], to: "retired", says: "The default branch does not enable checks." },
  /** Its runs are there. */
  start: { from: ["planned"], to: "running", says: "Its runs are there." },
  complete: { from: ["running"], to: "complete", says: "All of its runs are over." },
  /** From the beginning: approved, or run again as a whole; the repository may want us by now. */
  rebuild: {
    from: ["created", "parked", "planned", "running", "complete", "retired"],
    to: "created",
    says: "It begins again, with policy and plan.",
  },
  /** One of its runs is run again. */
  remake: { from: ["planned", "running", "complete"], to: "planned", says: "One of its runs is to be run again." },
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
    tell(wo, id, null, move.says);
    wakeSuite(wo, id);
  });
}
