import type { LogEvent } from "../../core/log/logs.ts";
import type { Machine } from "./machine.ts";

/** One attempt of a job, with what its machine knows of it. */
export interface Attempted {
  worker: string | null;
  reason: string | null;
  machine: Machine | undefined;
  /** Tasks that have a verdict. */
  judged: readonly number[];
}

/**
 * Whether a log of a job that has ended tells what was: every line of a task that was judged, of others a beginning; each
 * once and in order; the lines of one attempt before those of the next; and each turn of the job's life once.
 *
 * @returns what is wrong
 */
export function checkLog(events: readonly LogEvent[], attempts: readonly Attempted[]): string | undefined {
  const gap = events.findIndex(({ seq }, i) => seq !== i + 1);
  if (gap >= 0) return `event ${gap + 1} has the number ${events[gap]?.seq}`;
  return lines(events, attempts) ?? completeness(events, attempts) ?? turns(events, attempts);
}

const printed = (events: readonly LogEvent[]) => events.filter(({ stream }) => stream === "stdout").map(({ payload }) => payload);

function lines(events: readonly LogEvent[], attempts: readonly Attempted[]): string | undefined {
  let before = { attempt: 0, task: 0, number: 0 };
  for (const line of printed(events)) {
    const [name, task, number] = line.split(" ");
    const now = {
      attempt: attempts.findIndex(({ machine }) => machine?.name === name),
      task: Number(task),
      number: Number(number),
    };
    if (now.attempt < 0) return `"${line}" is of a machine that never had the job`;
    const sameTask = now.attempt === before.attempt && now.task === before.task;
    const later = now.attempt > before.attempt || (now.attempt === before.attempt && now.task > before.task);
    if (!(sameTask ? now.number === before.number + 1 : later && now.number === 1))
      return `"${line}" comes after "${attempts[before.attempt]?.machine?.name} ${before.task} ${before.number}"`;
    before = now;
  }
  return undefined;
}

/** A task is judged after its last line was stored: all of it must be there then. */
function completeness(events: readonly LogEvent[], attempts: readonly Attempted[]): string | undefined {
  const all = printed(events);
  for (const { machine, judged } of attempts) {
    for (const task of judged) {
      const wanted = machine?.ended.has(task) ? (machine.printed.get(task) ?? 0) : 0;
      const found = all.filter((line) => line.startsWith(`${machine?.name} ${task} `)).length;
      if (found < wanted) return `task ${task} on ${machine?.name} has printed ${wanted} lines, ${found} are there`;
    }
  }
  return undefined;
}

/** What the server itself says: once for each turn. */
function turns(events: readonly LogEvent[], attempts: readonly Attempted[]): string | undefined {
  const said = events.filter(({ stream }) => stream === "control").map(({ payload }) => payload);
  const once = (what: string, is: (text: string) => boolean) => {
    const times = said.filter(is).length;
    return times === 1 ? undefined : `${what} is told ${times} times`;
  };
  for (const { worker, reason } of attempts) {
    const wrong =
      (worker === null
        ? undefined
        : once(`the assignment to ${worker}`, (text) => text.startsWith(`assigned to worker ${worker}`))) ??
      (reason === null ? undefined : once(`"${reason}"`, (text) => text === reason || text.startsWith(`${reason};`)));
    if (wrong) return wrong;
  }
  return undefined;
}
