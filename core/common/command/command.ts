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
export interface Command<C, O extends Options = Options> {
  /** Names of its arguments in order; `...` after the last: one or more, `[NAME]`: may be missing. */
  args?: readonly string[];
  options: O;
  /** Names of the columns of the list that it prints; those shown only when asked for are in brackets. */
  columns?: readonly string[];
  /** Paragraphs for its `--help`, beside the line in the tree. */
  help?: string;
  /** @returns the exit status; 0 where nothing is returned */
  run(context: C, args: readonly string[], options: Given<O>): Promise<number | undefined> | Promise<void>;
}

/** A node of the tree of commands. Leaves are loaded when they are wanted, so that the program starts quickly. */
export type Node<C> = Group<C> | Leaf<C>;

interface Named {
  about: string;
  alias?: string;
  hidden?: true;
}

export interface Leaf<C> extends Named {
  load(): Promise<{ default: Command<C> }>;
}

export interface Group<C> extends Named {
  commands: Record<string, Node<C>>;
}

export const isGroup = <C>(node: Node<C>): node is Group<C> => "commands" in node;

/** A command-line program: its name, its commands, and the options that every one of them takes. */
export interface Program<C> {
  name: string;
  version: string;
  tree: Group<C>;
  /** Their short forms give way to a command's own. `help`, `version` and `json` must be among them. */
  global: Options;
  /** What its commands have to work with. */
  context(given: Record<string, string | string[] | true>): C;
  /** What a failure means for the person at the terminal, where the program knows. */
  explain?(error: unknown, context: C): string | undefined;
}
