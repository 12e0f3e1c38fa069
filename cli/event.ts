import type { JobEvent } from "../core/client/operations.ts";

const PREFIX: Record<string, string> = {
  stdout: "",
  stderr: "",
  control: "|=| ",
  worker: "|W| ",
  task: "|T| ",
  console: "|C| ",
  panic: "|!| ",
};

/** An event as `job tail` shows it: programs rely on these prefixes. */
export function eventText({ stream, payload }: Pick<JobEvent, "stream" | "payload">): string {
  const prefix = Object.hasOwn(PREFIX, stream) ? PREFIX[stream] : undefined;
  if (prefix !== undefined) return prefix + payload;
  const background = /^bg\.([^.]+)\.(?:stdout|stderr)$/.exec(stream)?.[1];
  return `[${background ?? stream}] ${payload}`;
}

/** Escape sequences that set colours may pass; all others could move the cursor, rename the window or answer for the user. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const UNSAFE = /\x1b(?!\[[\d;:]*m)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f\x80-\x9f]/g;

/** Text of a job made safe for a terminal. */
export const forTerminal = (text: string): string => text.replace(UNSAFE, "\u{fffd}");
