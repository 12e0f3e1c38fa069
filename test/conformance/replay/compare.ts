import { isObject } from "./ids.ts";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;
const FREE = /^\((free text|a shell's warning)\)$/;

/** An answer's difference, and the place where it is: `jobs[0].state: ...` */
export interface Difference {
  at: string;
  what: string;
  /** The value here, where there is one. */
  here?: unknown;
}

/**
 * Where an answer is not what the original's was: a field is missing, or has another value. More fields are fine; times are
 * only looked at for their form, removed text not at all.
 *
 * @param there already in the words of this core
 */
export function differences(there: unknown, here: unknown, at = ""): Difference[] {
  const differ = (what: string) => [{ at, what }];
  if (Array.isArray(there)) {
    if (!Array.isArray(here)) return differ("no list");
    const [mine, theirs] = [withoutControl(here), withoutControl(there)];
    if (mine.length !== theirs.length) return differ(`${mine.length} items, not ${theirs.length}`);
    return theirs.flatMap((item: unknown, i) => differences(item, mine[i], `${at}[${i}]`));
  }
  if (isObject(there)) {
    if (!isObject(here)) return differ(`no object: ${JSON.stringify(here)}`);
    return Object.entries(there).flatMap(([key, value]) =>
      key in here ? differences(value, here[key], `${at}.${key}`) : [{ at: `${at}.${key}`, what: "missing" }],
    );
  }
  if (typeof there === "string" && typeof here === "string") {
    if (FREE.test(there) || there === here) return [];
    if (TIME.test(there) && !at.endsWith(".time_remote") && TIME.test(here)) return [];
  }
  return there === here ? [] : [{ at, what: `${JSON.stringify(here)}, not ${JSON.stringify(there)}`, here }];
}

/** Of a log: what the server itself says in it is free, and so is where everything else stands between. */
export function withoutControl(list: unknown[]): unknown[] {
  const isEvent = (item: unknown) => isObject(item) && "seq" in item && "stream" in item;
  if (!list.every(isEvent)) return list;
  return list
    .filter((event) => isObject(event) && event["stream"] !== "control")
    .map((event) => (isObject(event) ? { ...event, seq: 0 } : event));
}
