import { reasonOf } from "./errors.ts";

export type Level = "debug" | "info" | "warn" | "error";
export type Fields = Record<string, unknown>;

/** Structured log of a program: one JSON object a line, or readable text on a terminal. Never given a secret. */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** A logger whose lines all carry `fields`. */
  with(fields: Fields): Logger;
}

const LEVELS: readonly Level[] = ["debug", "info", "warn", "error"];

interface LoggerOptions {
  level?: Level;
  fields?: Fields;
  write?: (line: string) => void;
  pretty?: boolean;
}

export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = "info", fields = {}, pretty = process.stderr.isTTY === true } = options;
  const write = options.write ?? ((line: string) => process.stderr.write(line));
  const at =
    (name: Level) =>
    (message: string, more: Fields = {}) => {
      if (LEVELS.indexOf(name) < LEVELS.indexOf(level)) return;
      const all = readable({ ...fields, ...more });
      const time = new Date().toISOString();
      write(
        pretty
          ? `${time.slice(11, 23)} ${name.padEnd(5)} ${message}${brief(all)}\n`
          : `${JSON.stringify({ time, level: name, message, ...all })}\n`,
      );
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (more) => createLogger({ level, fields: { ...fields, ...more }, write, pretty }),
  };
}

/** For tests and for tools that have nothing to say. */
export const silent: Logger = createLogger({ write: () => {} });

/** What every line has must not be taken for something else by a field of the same name. */
const RESERVED = new Set(["time", "level", "message"]);

function readable(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      RESERVED.has(key) ? `${key}_` : key,
      value instanceof Error ? reasonOf(value) : value,
    ]),
  );
}

function brief(fields: Fields): string {
  return Object.entries(fields)
    .map(([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("");
}
