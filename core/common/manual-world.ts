import { setImmediate, setTimeout } from "node:timers/promises";
import { monotonicFactory } from "ulid";
import { realWorld, type World } from "./world.ts";

interface Alarm {
  at: number;
  ring: () => void;
}

/** A world whose clock only moves when a test moves it; all else is real. */
export interface ManualWorld extends World {
  /** Moves the clock and lets everything that is due by then happen, in order. */
  advance(ms: number): Promise<void>;
}

export function manualWorld(start = Date.UTC(2026, 0, 1)): ManualWorld {
  const real = realWorld();
  const next = monotonicFactory();
  let now = start;
  let alarms: Alarm[] = [];
  const after = (ms: number, ring: () => void) => {
    const alarm = { at: now + ms, ring };
    alarms.push(alarm);
    return () => {
      alarms = alarms.filter((other) => other !== alarm);
    };
  };
  return {
    ...real,
    now: () => now,
    id: () => next(now),
    after,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const cancel = after(ms, resolve);
        signal?.addEventListener(
          "abort",
          () => {
            cancel();
            resolve();
          },
          { once: true },
        );
      }),
    async advance(ms) {
      await settle();
      const end = now + ms;
      for (;;) {
        const [next] = alarms.filter((alarm) => alarm.at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        alarms = alarms.filter((alarm) => alarm !== next);
        now = Math.max(now, next.at);
        next.ring();
        await settle();
      }
      now = end;
      await settle();
    },
  };
}

/** Lets what was woken run, including what goes over a local socket. */
async function settle(): Promise<void> {
  await setTimeout(5);
  // On a busy machine that time may have passed before anything else had its turn.
  for (let turn = 0; turn < 3; turn++) await setImmediate();
}
