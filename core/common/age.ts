const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTH = 30 * DAY;
const YEAR = 365 * DAY;

/** Whole seconds from an RFC 3339 instant to `now` (ms); never negative, clocks differ. */
export const ageInSeconds = (instant: string, now: number): number => Math.max(0, Math.floor((now - Date.parse(instant)) / 1000));

/** How long ago in two units and six columns: `13h23m`, ` 1d00h`, `   47s`, `1y02M`. */
export function age(instant: string, now: number): string {
  const s = ageInSeconds(instant, now);
  if (s >= YEAR) return two(s / YEAR, "y", (s % YEAR) / MONTH, "M");
  if (s >= 99 * DAY) return two(s / MONTH, "M", (s % MONTH) / DAY, "d");
  if (s >= DAY) return two(s / DAY, "d", (s % DAY) / HOUR, "h");
  if (s >= HOUR) return two(s / HOUR, "h", (s % HOUR) / MINUTE, "m");
  if (s >= MINUTE) return two(s / MINUTE, "m", s % MINUTE, "s");
  return `${s}s`.padStart(6);
}

const two = (big: number, bigUnit: string, small: number, smallUnit: string) =>
  `${String(Math.floor(big)).padStart(2)}${bigUnit}${String(Math.floor(small)).padStart(2, "0")}${smallUnit}`;
