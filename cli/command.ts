import type { Context } from "./context.ts";

/** One option of a command; its long name is its key. Without `value` it is a flag. */
export interface Option {
  short?: string;
  /** What the value is, as the usage shows it: `NAME`. */
  value?: string;
  /** May be given several times. */
  many?: true;
  required?: true;
  about: string;
}

export type Options = Record<string, Option>;

/** The values of options as a command gets them. */
export type Given<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends { value: string }
    ? O[Name] extends { many: true }
      ? string[]
      : O[Name] extends { required: true }
        ? string
        : string | undefined
    : boolean;
};

/** A leaf of the tree: what it takes and what it does. */
export interface Command<O extends Options = Options> {
  /** Names of its arguments in order; `...` after the last: one or more, `[NAME]`: may be missing. */
  args?: readonly string[];
  options: O;
  /** Names of the columns of the list that it prints; those shown only when asked for are in brackets. */
  columns?: readonly string[];
  /** Paragraphs for its `--help`, beside the line in the tree. */
  help?: string;
  /** @returns the exit status; 0 where nothing is returned */
  run(context: Context, args: readonly string[], options: Given<O>): Promise<number | undefined> | Promise<void>;
}

export const defineCommand = <const O extends Options>(command: Command<O>): Command<O> => command;

/** A node of the tree of commands. Leaves are loaded when they are wanted, so that the program starts quickly. */
export type Node = Group | Leaf;

interface Named {
  about: string;
  alias?: string;
  hidden?: true;
}

export interface Leaf extends Named {
  load(): Promise<{ default: Command }>;
}

export interface Group extends Named {
  commands: Record<string, Node>;
}

export const isGroup = (node: Node): node is Group => "commands" in node;

/** Options that every command takes. Their short forms give way to a command's own. */
export const GLOBAL = {
  help: { about: "show this help" },
  json: { short: "j", about: "print JSON" },
  profile: { short: "p", value: "PROFILE", about: "use this profile of the configuration file" },
  delegate: { short: "D", value: "USERNAME", about: "act as this user (needs the privilege delegate)" },
} as const satisfies Options;
