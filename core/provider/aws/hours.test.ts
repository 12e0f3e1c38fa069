import { expect, test } from "bun:test";
import { HOURS, isWithin, shareOfWeek } from "./hours.ts";

// 2026-01-01 is a Thursday.
test.each([
  ["Mon-Fri 07:00-19:00", "2026-01-01T07:00Z", true],
  ["Mon-Fri 07:00-19:00", "2026-01-01T06:59Z", false],
  ["Mon-Fri 07:00-19:00", "2026-01-01T18:59Z", true],
  ["Mon-Fri 07:00-19:00", "2026-01-01T19:00Z", false],
  ["Mon-Fri 07:00-19:00", "2026-01-03T12:00Z", false],
  ["Mon-Fri 07:00-19:00, Sat 09:00-12:00", "2026-01-03T11:59Z", true],
  ["Fri-Mon 08:00-09:00", "2026-01-04T08:30Z", true],
  ["Fri-Mon 08:00-09:00", "2026-01-06T08:30Z", false],
  ["Sat 22:00-02:00", "2026-01-04T01:59Z", true],
  ["Sat 22:00-02:00", "2026-01-03T01:59Z", false],
  ["Sun-Sat 00:00-24:00", "2026-01-05T00:00Z", true],
  ["Thu 12:00-12:00", "2026-01-02T11:59Z", true],
])("%s at %s: %p", (hours, now, within) => {
  expect(hours).toMatch(new RegExp(HOURS));
  expect(isWithin(hours, Date.parse(now))).toBe(within);
});

test.each([
  ["Mon-Fri 07:00-19:00", 60 / 168],
  ["Sat 22:00-02:00, Sun 01:00-03:00", 5 / 168],
  ["Sun-Sat 00:00-24:00", 1],
])("%s are %p of the week", (hours, share) => {
  expect(shareOfWeek(hours)).toBeCloseTo(share, 12);
});

test.each(["", "Mon", "07:00-19:00", "Mon 7:00-19:00", "Mon 07:00-25:00", "Mo 07:00-19:00", "Mon 07:00-19:00;Tue 07:00-19:00"])(
  "%p is refused",
  (hours) => {
    expect(hours).not.toMatch(new RegExp(HOURS));
  },
);
