const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const DAY = `(?:${DAYS.join("|")})`;
const TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00";
const SPAN = `${DAY}(?:-${DAY})? (?:${TIME})-(?:${TIME})`;

/** Pattern of hours of the week: `Mon-Fri 07:00-19:00, Sat 22:00-02:00`. */
export const HOURS = `^${SPAN}(?:, ?${SPAN})*$`;

const MINUTE = 60_000;
const A_DAY = 1440;
const A_WEEK = 7 * A_DAY;
/** From the epoch, a Thursday, back to the Sunday before. */
const SUNDAY = 4 * A_DAY;

/** Whether `now`, ms, is within the hours, which are of UTC. A span that ends before it begins ends on the next day. */
export const isWithin = (hours: string, now: number): boolean => isAt(hours, (Math.floor(now / MINUTE) + SUNDAY) % A_WEEK);

/** How much of the week the hours are, from 0 to 1. */
export const shareOfWeek = (hours: string): number =>
  Array.from({ length: A_WEEK }, (_, minute) => minute).filter((minute) => isAt(hours, minute)).length / A_WEEK;

/** @param minute of the week, which begins with Sunday */
function isAt(hours: string, minute: number): boolean {
  return hours.split(/, ?/).some((span) => {
    const [days = "", times = ""] = span.split(" ");
    const [from = 0, to = 0] = times.split("-").map(minutesOf);
    const length = (to - from + A_DAY) % A_DAY || A_DAY;
    return daysOf(days).some((day) => (minute - day * A_DAY - from + A_WEEK) % A_WEEK < length);
  });
}

function daysOf(span: string): number[] {
  const [first = 0, last = first] = span.split("-").map((day) => DAYS.indexOf(day));
  const count = ((last - first + 7) % 7) + 1;
  return Array.from({ length: count }, (_, at) => (first + at) % 7);
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}
