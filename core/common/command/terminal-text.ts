/** Escape sequences that set colours may pass; all others could move the cursor, rename the window or answer for the user. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const UNSAFE = /\x1b(?!\[[\d;:]*m)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f\x80-\x9f]/g;

/** Text of a job made safe for a terminal. */
export const forTerminal = (text: string): string => text.replace(UNSAFE, "\u{fffd}");
