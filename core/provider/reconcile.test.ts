import { expect, test } from "bun:test";
import type { FactoryWorker } from "../client/operations.ts";
import type { Machine } from "./provider.ts";
import { type Action, type Pair, RULES, ruleFor } from "./reconcile.ts";

const aWorker = (known: Partial<FactoryWorker> = {}): FactoryWorker => ({
  id: "W",
  bootstrap: "",
  target: "T",
  private: "M",
  online: true,
  hold: false,
  recycle: false,
  ...known,
});
const aMachine = (known: Partial<Machine> = {}): Machine => ({ id: "M", worker: "W", job: "J", state: "running", ...known });

interface Example {
  machine?: Machine;
  worker?: FactoryWorker;
  age?: number;
}

/** What the specification says, a second time: at least one example for each line of the table. */
const EXAMPLES: [string, Example, Action][] = [
  ["the machine names no worker", { machine: aMachine({ worker: undefined }) }, "ignore"],
  ["its worker is unknown", { machine: aMachine() }, "destroy"],
  ["its worker is unknown", { machine: aMachine({ state: "stopped" }) }, "destroy"],
  ["its worker is unknown, and it is ending", { machine: aMachine({ state: "ending" }) }, "keep"],
  ["its worker is unknown, and it is ending", { machine: aMachine({ state: "gone" }) }, "keep"],
  ["the worker has another machine", { machine: aMachine(), worker: aWorker({ private: "other" }) }, "conflict"],
  ["the worker has another machine", { machine: aMachine(), worker: aWorker({ private: "other", recycle: true }) }, "conflict"],
  [
    "held, but never associated",
    { machine: aMachine(), worker: aWorker({ hold: true, private: null, online: false }), age: 1e9 },
    "associate",
  ],
  ["held before its agent came", { machine: aMachine(), worker: aWorker({ hold: true, online: false }), age: 1e9 }, "renew"],
  ["held", { machine: aMachine(), worker: aWorker({ hold: true }) }, "keep"],
  ["held", { machine: aMachine({ state: "stopped" }), worker: aWorker({ hold: true, online: false }) }, "keep"],
  ["held", { worker: aWorker({ hold: true }), age: 1e9 }, "keep"],
  [
    "it ended before its agent came",
    { machine: aMachine({ state: "gone", ended: "no volume" }), worker: aWorker({ online: false }) },
    "bury",
  ],
  ["the machine is gone", { machine: aMachine({ state: "gone" }), worker: aWorker({ online: false }) }, "forget"],
  ["the machine is gone", { machine: aMachine({ state: "gone" }), worker: aWorker() }, "forget"],
  ["the machine is ending", { machine: aMachine({ state: "ending" }), worker: aWorker({ recycle: true }) }, "keep"],
  ["missing, but new", { worker: aWorker({ private: null }), age: 119 }, "keep"],
  ["missing, but new", { worker: aWorker(), age: 119 }, "keep"],
  ["missing", { worker: aWorker({ private: null }), age: 120 }, "forget"],
  ["missing", { worker: aWorker({ recycle: true }), age: 120 }, "forget"],
  ["to be recycled", { machine: aMachine(), worker: aWorker({ recycle: true }) }, "destroy"],
  ["to be recycled", { machine: aMachine({ state: "stopped" }), worker: aWorker({ recycle: true, private: null }) }, "destroy"],
  ["never associated", { machine: aMachine(), worker: aWorker({ private: null, online: false }) }, "associate"],
  ["stopped by itself", { machine: aMachine({ state: "stopped" }), worker: aWorker() }, "bury"],
  ["hung at boot", { machine: aMachine(), worker: aWorker({ online: false }), age: 481 }, "bury"],
  ["booting", { machine: aMachine(), worker: aWorker({ online: false }), age: 480 }, "renew"],
  ["at work", { machine: aMachine(), worker: aWorker(), age: 1e9 }, "keep"],
];

test.each(EXAMPLES)("%s", (when, { machine, worker, age = 0 }, action) => {
  const pair: Pair = { machine, worker, age, patience: { grace: 120, boot: 480 } };
  expect(ruleFor(pair)).toMatchObject({ when, action });
});

test("every rule has an example", () => {
  expect([...new Set(EXAMPLES.map(([when]) => when))].sort()).toEqual(RULES.map(({ when }) => when).sort());
});
