import type { Options, Parsed } from "./arguments.ts";
import type { Connection } from "./connection.ts";

/** Where the control program runs; tests hand in their own. */
export interface Surroundings {
  /** Opens the way to the agent. */
  connect(): Promise<Connection>;
  /** Writes to stdout, as it is. */
  print(text: string): void;
  /** Writes a line to stderr. */
  warn(line: string): void;
  stdin(): Promise<Uint8Array>;
  sleep(ms: number): Promise<void>;
  now(): number;
  env: Readonly<Record<string, string | undefined>>;
  cwd(): string;
}

export interface Run extends Surroundings {
  agent: Connection;
  args: readonly string[];
  given: Parsed["given"];
}

export interface Command {
  about: string;
  /** Words it takes, as its usage shows them. */
  synopsis?: string;
  /** Fewest and most words. */
  words: readonly [least: number, most: number];
  options?: Options;
  hidden?: true;
  run(on: Run): Promise<void>;
}

/** Commands of one noun, by name; a string stands for another name of the same. */
export interface Group {
  about: string;
  commands: Readonly<Record<string, Command | string>>;
}
