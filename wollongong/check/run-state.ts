import { change } from "../db/change.ts";
import type { Wollongong } from "../wollongong.ts";
import { tell } from "./chronicle.ts";
import { type RunChanges, runById, updateRun } from "./runs.ts";
import type { Conclusion, RunState } from "./table.ts";

interface Move {
  readonly from: readonly RunState[];
  readonly to: RunState;
}

/** Every legal move of a check run. What is over stays over: running it again makes a new one. */
export const MOVES = {
  /** What the core will be given is written down. */
  prepare: { from: ["waiting"], to: "submitting" },
  /** The core has a job for it. */
  submit: { from: ["submitting"], to: "submitted" },
  finish: { from: ["waiting", "submitting", "submitted"], to: "over" },
} as const satisfies Record<string, Move>;

/** The one door through which a check run changes state. @returns false, and nothing is changed, where it may not */
export function moveRun(wo: Wollongong, id: string, name: keyof typeof MOVES, changes: RunChanges = {}): boolean {
  const move: Move = MOVES[name];
  return change(wo, () => {
    const run = runById(wo, id);
    if (!run || !move.from.includes(run.state)) return false;
    updateRun(wo, id, { ...changes, state: move.to });
    tell(wo, run.check_suite, id, saying(name, changes));
    return true;
  });
}

const saying = (name: keyof typeof MOVES, { job, conclusion, story }: RunChanges): string =>
  ({
    prepare: "Its job is described.",
    submit: `The core has it as job ${job}.`,
    finish: `It is over (${conclusion}): ${story}`,
  })[name];

/** @param story why, in words for people (Markdown) */
export const finishRun = (wo: Wollongong, id: string, conclusion: Conclusion, story: string, changes: RunChanges = {}): boolean =>
  moveRun(wo, id, "finish", { ...changes, conclusion, story });
