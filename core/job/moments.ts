import type { Core } from "../core.ts";
import { iso } from "../http/schema.ts";
import { getWorker } from "../worker/state.ts";
import type { WorkerRow } from "../worker/table.ts";
import type { Phases } from "./schema.ts";
import type { AttemptRow, AttemptTimeRow } from "./table.ts";

/** What happens to a job in one attempt, in the order in which it comes. */
const NAMES = ["submit", "ready", "leased", "launched", "online", "assigned", "complete"] as const;

/** ms; only what has happened. */
export type Moments = Partial<Record<(typeof NAMES)[number], number>>;

/** Of each attempt of a job, the first one first. */
export function momentsOf(core: Core, job: string): (AttemptRow & { machine: WorkerRow | null; moments: Moments })[] {
  const attempts = core.db.query<AttemptRow, [string]>("SELECT * FROM attempt WHERE job = +? ORDER BY number").all(job);
  const stamps = core.db.query<AttemptTimeRow, [string]>("SELECT * FROM attempt_time WHERE job = +?").all(job);
  return attempts.map((attempt) => {
    const stamped = Object.fromEntries(
      stamps.filter(({ attempt: number }) => number === attempt.number).map(({ name, time }) => [name, time]),
    );
    const machine = attempt.worker === null ? null : getWorker(core, attempt.worker);
    const moments = inOrder({ ...stamped, leased: attempt.time_leased, ...ofMachine(machine, stamped["complete"]) });
    return { ...attempt, machine, moments };
  });
}

/** As they came; what came together stands in the order of the names. */
export const inOrder = (moments: Record<string, number | null | undefined>): Moments =>
  Object.fromEntries(
    NAMES.flatMap((name) => (moments[name] == null ? [] : [[name, moments[name]] as const])).sort(([, a], [, b]) => a - b),
  );

/** @param end an agent that comes after the job is over is nothing to the job */
function ofMachine(machine: WorkerRow | null, end = Number.POSITIVE_INFINITY) {
  const { time_create: launched, time_online: online } = machine ?? {};
  return { launched, online: online != null && online <= end ? online : null };
}

/** How long each part of an attempt took. What its machine did before the job was ready has cost the job no time. */
export function phasesOf({ ready, launched, online, assigned, complete }: Moments): Phases {
  const waited = ready !== undefined && online !== undefined && online <= ready;
  const asked = waited ? assigned : latest(ready, launched);
  const up = latest(asked, online);
  const start = latest(up, assigned);
  return {
    queue: between(ready, asked),
    boot: between(asked, up),
    handover: between(up, start),
    run: between(start, complete),
  };
}

/** The later one, once both are known. */
const latest = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? undefined : Math.max(a, b);

/** Seconds, never negative, as clocks are set back; null where it has not come to that. */
const between = (from: number | undefined, to: number | undefined) =>
  from === undefined || to === undefined ? null : Math.max(0, to - from) / 1000;

export const isoTimes = (moments: Moments): Record<string, string> =>
  Object.fromEntries(Object.entries(moments).map(([name, time]) => [name, iso(time)]));
