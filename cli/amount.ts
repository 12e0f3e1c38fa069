import { UsageError } from "../core/common/command/failure.ts";
import { MOST_SECONDS, secondsOf } from "../core/common/duration.ts";

/** The core takes no more. */
const MOST_RETRIES = 10;

/** `90`, `90s`, `10m`, `2h` or `1d` as seconds; undefined where nothing was given. @throws UsageError */
export function parseSeconds(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const seconds = secondsOf(text) ?? 0;
  if (seconds >= 1 && seconds <= MOST_SECONDS) return seconds;
  throw new UsageError(`${option} ${text}: expected a time of at least a second and at most a year, such as 90, 10m or 2h`);
}

/** @throws UsageError */
export function parseRetries(text: string, option: string): number {
  const retries = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (retries <= MOST_RETRIES) return retries;
  throw new UsageError(`${option} ${text}: expected a number from 0 to ${MOST_RETRIES}`);
}
