/** Milliseconds in the words of the log: `5 s`, `1 m 5 s`, `1 h 0 m 0 s`. */
export function inWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const h = Math.floor(seconds / 3600);
  const m = Math.floor(seconds / 60) % 60;
  const s = seconds % 60;
  if (h > 0) return `${h} h ${m} m ${s} s`;
  return m > 0 ? `${m} m ${s} s` : `${s} s`;
}

const SECONDS: Record<string, number> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** What people write for a time: `90`, `90s`, `10m`, `2h` or `1d`. @returns seconds, undefined for anything else */
export function secondsOf(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d+)([smhd]?)$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (SECONDS[unit] ?? 1);
}

/** A year: no limit on a job is longer. */
export const MOST_SECONDS = 365 * 86_400;
