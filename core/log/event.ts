import { Refused } from "../common/refused.ts";

/** An event on its way into a log. */
export interface NewEvent {
  stream: string;
  /** The writer's own clock, RFC 3339 UTC with Z; null for the server's own events. */
  time: string | null;
  payload: string;
  task: number | null;
}

/** An event of a log, as it is published. */
export interface LogEvent {
  readonly payload: string;
  readonly seq: number;
  readonly stream: string;
  readonly task: number | null;
  /** When the server received it, RFC 3339 UTC. */
  readonly time: string;
  /** When the writer wrote it, by its own clock. */
  readonly time_remote: string | null;
}

const STREAM = /^[A-Za-z0-9._-]{0,64}$/;
const TIME = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
const MAX_TASK = 2 ** 32 - 1;

/** Events that were checked; `changed` tells that a time was rewritten, so that they are no longer what came in. */
export interface Checked {
  events: readonly NewEvent[];
  changed: boolean;
}

/**
 * Checks what a writer sends: fields that are absent count as null, unknown ones are ignored, times are brought to UTC in place.
 *
 * @throws Refused 400 naming the first event that is wrong, counted from 0
 */
export function checkEvents(given: unknown): Checked {
  if (!Array.isArray(given)) throw new Refused(400, "expected an array of events");
  let changed = false;
  // Runs of events share their stream and often their time: what was just found good is not looked at again.
  let goodStream: unknown;
  let goodTime: unknown;
  for (const [i, event] of given.entries()) {
    if (typeof event !== "object" || event === null) throw new Refused(400, `event ${i}: expected an object`);
    if (typeof event.payload !== "string") throw new Refused(400, `event ${i}: payload: expected a string`);
    if (event.stream !== goodStream) {
      if (typeof event.stream !== "string" || !STREAM.test(event.stream))
        throw new Refused(400, `event ${i}: stream: expected at most 64 of [A-Za-z0-9._-], not ${brief(event.stream)}`);
      goodStream = event.stream;
    }
    const { time = null, task = null } = event;
    if (time !== goodTime && time !== null) {
      const utc = inUtc(time);
      if (utc === undefined) throw new Refused(400, `event ${i}: time: expected RFC 3339, not ${brief(time)}`);
      if (utc === time) goodTime = time;
      else {
        event.time = utc;
        changed = true;
      }
    }
    if (task !== null && !(Number.isInteger(task) && task >= 0 && task <= MAX_TASK))
      throw new Refused(400, `event ${i}: task: expected a number from 0 to ${MAX_TASK} or null, not ${brief(task)}`);
  }
  return { events: given, changed };
}

function inUtc(time: unknown): string | undefined {
  const parts = typeof time === "string" ? TIME.exec(time) : null;
  if (!parts) return undefined;
  const [, day, clock, fraction = "", zone = ""] = parts;
  const whole = Date.parse(`${day}T${clock}${zone.toUpperCase()}`);
  if (Number.isNaN(whole)) return undefined;
  return `${new Date(whole).toISOString().slice(0, 19)}${fraction}Z`;
}

const brief = (value: unknown) => (JSON.stringify(value) ?? "nothing").slice(0, 80);
