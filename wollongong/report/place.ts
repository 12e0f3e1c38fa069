import type { Failure } from "./tally.ts";

/** A line of a file of the repository. */
export interface Place {
  /** From the root of the repository. */
  path: string;
  line: number;
}

const MOST_PATH = 400;

/**
 * A path as tests name it, as one of the repository's.
 *
 * @param root where the repository was on the job's machine
 * @returns undefined for what is outside of it, or not its own
 */
export function inRepository(path: string, root: string): string | undefined {
  const bare = path.replace(/^file:\/\//, "");
  const below = bare.startsWith(`${root}/`) ? bare.slice(root.length + 1) : bare.replace(/^(?:\.\/)+/, "");
  if (below === "" || below.length > MOST_PATH || below.startsWith("/") || /[\p{Cc}\\<>|]|^\w+:/u.test(below)) return undefined;
  const parts = below.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) return undefined;
  // Programs of others, which many projects install below their own.
  return parts.some((part) => FOREIGN.has(part)) ? undefined : below;
}

const FOREIGN = new Set(["node_modules", "site-packages", "vendor", ".cargo", ".venv", ".git"]);

/** `File "a.py", line 3`; `src/a.rs:3:5`; `(/work/o/r/a.js:3:5)`. All is bounded, and each word is looked at once: the text is a job's. */
const MENTION =
  /File "([^"\n]{1,400})", line (\d{1,7})|(?<![^\s:"'`()<>[\]])((?:file:\/\/)?[^\s:"'`()<>[\]]{1,400}\.[A-Za-z]\w{0,9}):(\d{1,7})\b/g;

/** Lines in which no place is looked for: there may be thousands. */
const MOST_MENTIONS = 200;

/**
 * The line that a failure is about: in the file where its test stands, if the report tells that and a line of it is spoken
 * of, else the first one of the repository that is.
 */
export function placeOf({ details, message, file, line }: Failure, root: string): Place | undefined {
  const own = file === undefined ? undefined : inRepository(file, root);
  let first: Place | undefined;
  let seen = 0;
  for (const [, quoted, at, bare = quoted, number = at] of `${message}\n${details}`.matchAll(MENTION)) {
    const path = inRepository(bare ?? "", root);
    // `example.com:80` is no line of a file.
    const isFile = path !== undefined && (quoted !== undefined || bare?.includes("/") || path === own);
    const place = isFile && Number(number) > 0 ? { path, line: Number(number) } : undefined;
    if (place && (own === undefined || place.path === own)) return place;
    first ??= place;
    if (++seen > MOST_MENTIONS) break;
  }
  if (own === undefined || (line === undefined && first)) return first;
  return { path: own, line: line ?? 1 };
}
