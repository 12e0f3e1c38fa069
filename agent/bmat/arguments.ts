/** A command line that cannot be understood; the message says why. */
export class UsageError extends Error {}

export interface Option {
  letter?: string;
  /** What its value is called in the usage; a flag has none. */
  value?: string;
  about: string;
}

export type Options = Readonly<Record<string, Option>>;

/** Options by their long names, true for a flag; then the rest of the line from its first plain word on. */
export interface Parsed {
  given: ReadonlyMap<string, string | true>;
  words: string[];
}

/**
 * Takes the options that stand before the first plain word; what follows that word is none of ours, whatever it looks
 * like. `--` ends the options.
 *
 * @throws UsageError
 */
export function parseOptions(args: readonly string[], options: Options): Parsed {
  const given = new Map<string, string | true>();
  const words = [...args];
  const take = (name: string, shown: string, joined: string | undefined) => {
    const { value } = options[name] ?? { value: undefined };
    if (value === undefined && joined !== undefined) throw new UsageError(`${shown} takes no value`);
    if (value !== undefined && given.has(name)) throw new UsageError(`${shown} was given twice`);
    const got = value === undefined ? true : (joined ?? words.shift());
    if (got === undefined) throw new UsageError(`${shown} needs a value: ${value}`);
    given.set(name, got);
  };
  while (words[0]?.startsWith("-") && words[0] !== "-") {
    const word = words.shift() ?? "";
    if (word === "--") break;
    if (word.startsWith("--")) takeLong(word, options, take);
    else takeShort(word, options, take);
  }
  return { given, words };
}

type Take = (name: string, shown: string, joined: string | undefined) => void;

function takeLong(word: string, options: Options, take: Take): void {
  const [, name = "", , joined] = /^--([^=]*)(=(.*))?$/s.exec(word) ?? [];
  if (!Object.hasOwn(options, name)) throw new UsageError(`there is no option --${name}`);
  take(name, `--${name}`, joined);
}

function takeShort(word: string, options: Options, take: Take): void {
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at);
    const [name, option] = Object.entries(options).find(([, one]) => one.letter === letter) ?? [];
    if (name === undefined) throw new UsageError(`there is no option -${letter}`);
    const isFlag = option?.value === undefined;
    take(name, `-${letter}`, isFlag ? undefined : word.slice(at + 1) || undefined);
    if (!isFlag) return;
  }
}

/** The part of a usage that explains options. */
export function explainOptions(options: Options): string {
  const lines = Object.entries(options).map(([name, { letter, value, about }]) => {
    const names = `    ${letter ? `-${letter}, ` : "    "}--${name}${value ? ` ${value}` : ""}`;
    return `${names.padEnd(28)}${about}`;
  });
  return `Options:\n${lines.join("\n")}\n`;
}
