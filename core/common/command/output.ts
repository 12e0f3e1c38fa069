import { forTerminal } from "./terminal-text.ts";

/**
 * Where a command writes. Results go to `line`, `lines` and `json`, everything said about the doing goes to `note`. What a
 * terminal gets of them is made safe for it: they may hold what a job, or whoever named it, has made up.
 */
export interface Output {
  /** One line of the result. */
  line(text: string): Promise<void>;
  /** Resolves once the reader keeps up. */
  lines(texts: readonly string[]): Promise<void>;
  json(value: unknown): Promise<void>;
  /** A line on stderr. */
  note(text: string): void;
  /** Text as it is on stderr, for what is redrawn. */
  draw(text: string): void;
  /** As it is on stdout: a page that is redrawn, the bytes of a file. */
  raw(data: string | Uint8Array): Promise<void>;
  /** stdout is a terminal. */
  terminal: boolean;
  /** Of the terminal behind stdout as it is now; undefined where there is none. */
  size(): { columns: number; rows: number } | undefined;
  /** Columns of the terminal behind stderr; undefined where it is none. */
  columns: number | undefined;
}

export function processOutput(): Output {
  const { stdout, stderr } = process;
  const raw = async (data: string | Uint8Array) => {
    if (!stdout.write(data)) await new Promise<void>((resolve) => stdout.once("drain", () => resolve()));
  };
  const write = (text: string) => raw(stdout.isTTY ? forTerminal(text) : text);
  return {
    line: (text) => write(`${text}\n`),
    lines: (texts) => (texts.length === 0 ? Promise.resolve() : write(`${texts.join("\n")}\n`)),
    json: (value) => write(`${JSON.stringify(value, null, 2)}\n`),
    note: (text) => void stderr.write(`${forTerminal(text)}\n`),
    draw: (text) => void stderr.write(text),
    raw,
    terminal: stdout.isTTY === true,
    size: () => (stdout.isTTY ? { columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 } : undefined),
    columns: stderr.isTTY === true ? (stderr.columns ?? 80) : undefined,
  };
}
