import type { FactoryWorker } from "../client/operations.ts";
import type { Machine } from "./provider.ts";

/** How patient the loop is with machines of its provider, in ms. */
export interface Patience {
  /** A new worker may be missing from the provider's list for so long: clouds show machines late. */
  grace: number;
  /** A machine whose agent has not come online after so long never will. */
  boot: number;
}

/** A machine and the worker it is tagged with; either may be missing. */
export interface Pair {
  machine: Machine | undefined;
  worker: FactoryWorker | undefined;
  /** Age of the worker, in ms. */
  age: number;
  patience: Patience;
}

/**
 * - `ignore`: not ours to touch; `conflict`: the same, and somebody should look;
 * - `keep`: all is well; `renew`: and its lease must be held until the agent is online;
 * - `associate`: tell the core which machine the worker has;
 * - `bury`: send its last words to the log, then destroy it; `destroy`: without;
 * - `forget`: no machine is left, delete the worker.
 */
export type Action = "ignore" | "conflict" | "keep" | "renew" | "associate" | "bury" | "destroy" | "forget";

interface Rule {
  when: string;
  is(pair: Pair): boolean;
  action: Action;
}

const offline = ({ worker }: Pair) => worker?.online === false;
const isUnnamed = ({ worker }: Pair) => typeof worker?.private !== "string";
const machineIs =
  (...states: Machine["state"][]) =>
  ({ machine }: Pair) =>
    machine !== undefined && states.includes(machine.state);

/** What is done about a machine and its worker: the first line that holds. */
export const RULES: readonly Rule[] = [
  {
    when: "the machine names no worker",
    is: ({ machine }) => machine !== undefined && machine.worker === undefined,
    action: "ignore",
  },
  {
    when: "its worker is unknown, and it is ending",
    is: (pair) => !pair.worker && machineIs("ending", "gone")(pair),
    action: "keep",
  },
  { when: "its worker is unknown", is: ({ worker }) => worker === undefined, action: "destroy" },
  {
    when: "the worker has another machine",
    is: ({ machine, worker }) => machine !== undefined && typeof worker?.private === "string" && worker.private !== machine.id,
    action: "conflict",
  },
  {
    when: "held, but never associated",
    is: (pair) => pair.worker?.hold === true && isUnnamed(pair) && runs(pair),
    action: "associate",
  },
  {
    when: "held before its agent came",
    is: (pair) => pair.worker?.hold === true && offline(pair) && runs(pair),
    action: "renew",
  },
  { when: "held", is: ({ worker }) => worker?.hold === true, action: "keep" },
  {
    when: "it ended before its agent came",
    is: (pair) => machineIs("gone")(pair) && offline(pair) && pair.machine?.ended !== undefined,
    action: "bury",
  },
  { when: "the machine is gone", is: machineIs("gone"), action: "forget" },
  { when: "the machine is ending", is: machineIs("ending"), action: "keep" },
  { when: "missing, but new", is: ({ machine, age, patience }) => !machine && age < patience.grace, action: "keep" },
  { when: "missing", is: ({ machine }) => !machine, action: "forget" },
  { when: "to be recycled", is: ({ worker }) => worker?.recycle === true, action: "destroy" },
  { when: "never associated", is: isUnnamed, action: "associate" },
  { when: "stopped by itself", is: machineIs("stopped"), action: "bury" },
  { when: "hung at boot", is: (pair) => offline(pair) && pair.age > pair.patience.boot, action: "bury" },
  { when: "booting", is: offline, action: "renew" },
  { when: "at work", is: () => true, action: "keep" },
];

const runs = machineIs("running");

/** The line of `RULES` that holds for the pair. */
export function ruleFor(pair: Pair): Rule {
  const rule = RULES.find(({ is }) => is(pair));
  if (!rule) throw new Error("no rule holds for a machine, not even the last");
  return rule;
}
