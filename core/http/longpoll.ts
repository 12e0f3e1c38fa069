import type { Bells } from "../common/bells.ts";
import type { World } from "../common/world.ts";

export const LONGEST_WAIT = 60;

interface LongPoll<T> {
  core: { bells: Bells; world: World; shutdown: AbortSignal };
  request: Request;
  /** Headers of the answer: its version goes there. */
  headers: Record<string, string | number>;
  /** Seconds; absent: answer at once. */
  wait: number | undefined;
  /** Version of the answer that the caller has; absent: `unseen`, or else answer at once. */
  seen: string | undefined;
  /** What a caller without `seen` is taken to have. */
  unseen?: T;
  topic: string;
  answer: () => T;
}

/**
 * Answers the moment the answer differs from the one that the caller has, or when its time is up. An answer's version is a
 * hash of it: no change falls between two calls, and a restart of the server does not matter.
 */
export async function longPoll<T>({ core, request, headers, wait, seen, unseen, topic, answer }: LongPoll<T>): Promise<T> {
  const had = seen ?? (unseen === undefined ? undefined : versionOf(unseen));
  const end = core.world.now() + (wait ?? 0) * 1000;
  const late = new AbortController();
  const signal = AbortSignal.any([request.signal, core.shutdown, late.signal]);
  const cancel = wait ? core.world.after(wait * 1000, () => late.abort()) : undefined;
  try {
    for (;;) {
      const rung = core.bells.version(topic);
      const now = answer();
      const version = versionOf(now);
      if (!wait || had === undefined || version !== had || signal.aborted || core.world.now() >= end) {
        headers["x-buildomat-version"] = version;
        return now;
      }
      await core.bells.wait(topic, rung, signal);
    }
  } finally {
    cancel?.();
  }
}

const versionOf = (answer: unknown) => Bun.hash(JSON.stringify(answer) ?? "").toString(36);
