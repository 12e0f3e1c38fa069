import type { Given, Option, Options } from "./command.ts";
import { UsageError } from "./failure.ts";
import { didYouMean } from "./suggest.ts";

export interface Parsed {
  /** By long name: true for a flag, the text or texts of the others. Only what was given. */
  given: Record<string, string | string[] | true>;
  words: string[];
}

/**
 * Parts a command line into options and words. `--` ends the options. Short flags may be joined (`-Hp`), values are
 * `-nX`, `-n X`, `--name=X` or `--name X`.
 *
 * @param stopAtWord leave everything from the first word on to the next level
 * @throws UsageError
 */
export function parseArguments(args: readonly string[], known: Options, stopAtWord = false): Parsed {
  const parsed: Parsed = { given: {}, words: [] };
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") {
      parsed.words.push(...rest);
      break;
    }
    if (arg === "-" || !arg.startsWith("-")) {
      parsed.words.push(arg);
      if (!stopAtWord) continue;
      parsed.words.push(...rest);
      break;
    }
    if (arg.startsWith("--")) takeLong(parsed, known, arg, rest);
    else takeShort(parsed, known, arg, rest);
  }
  return parsed;
}

function takeLong(parsed: Parsed, known: Options, arg: string, rest: string[]): void {
  const equals = arg.indexOf("=");
  const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
  const option = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!option) throw new UsageError(`there is no option --${name}${didYouMean(name, Object.keys(known), "--")}`);
  if (option.value === undefined) {
    if (equals >= 0) throw new UsageError(`--${name} takes no value`);
    store(parsed, name, option, true);
    return;
  }
  store(parsed, name, option, equals < 0 ? valueFrom(rest, `--${name}`, option) : arg.slice(equals + 1));
}

function takeShort(parsed: Parsed, known: Options, arg: string, rest: string[]): void {
  for (let at = 1; at < arg.length; at++) {
    const letter = arg.charAt(at);
    const [name, option] = Object.entries(known).find(([, { short }]) => short === letter) ?? [];
    if (name === undefined || !option)
      throw new UsageError(`there is no option -${letter}; an argument that begins with a dash goes after --`);
    if (option.value === undefined) {
      store(parsed, name, option, true);
      continue;
    }
    const joined = arg.slice(at + 1);
    store(parsed, name, option, joined || valueFrom(rest, `-${letter}`, option));
    return;
  }
}

function valueFrom(rest: string[], shown: string, { value }: Option): string {
  const next = rest.shift();
  if (next === undefined) throw new UsageError(`${shown} needs a value: ${shown} ${value}`);
  return next;
}

function store({ given }: Parsed, name: string, { many, short, value }: Option, got: string | true): void {
  const before = given[name];
  if (many && typeof got === "string") {
    given[name] = [...(Array.isArray(before) ? before : []), got];
    return;
  }
  if (before !== undefined && value !== undefined)
    throw new UsageError(`${short ? `-${short} ` : ""}(--${name}) was given twice`);
  given[name] = got;
}

/** Fills in what was not given, and refuses a command line that lacks something. @throws UsageError */
export function complete<O extends Options>(given: Parsed["given"], known: O): Given<O> {
  const values: Record<string, unknown> = {};
  for (const [name, { value, many, required, short }] of Object.entries(known)) {
    values[name] = given[name] ?? (value === undefined ? false : many ? [] : undefined);
    if (required && given[name] === undefined) throw new UsageError(`${short ? `-${short} ` : ""}(--${name}) is required`);
  }
  // Each value has been made as its option says, which the types cannot follow.
  return values as Given<O>;
}

/** Holds the words of a command line against the arguments that a command names. @throws UsageError */
export function checkWords(words: readonly string[], args: readonly string[]): void {
  const least = args.filter((name) => !name.startsWith("[")).length;
  const many = args.at(-1)?.endsWith("...") ?? false;
  const missing = args[words.length]?.replace("...", "");
  if (words.length < least) throw new UsageError(`${missing} is missing`);
  if (many || words.length <= args.length) return;
  const extra = words.slice(args.length).map((word) => `"${word}"`);
  throw new UsageError(
    `${extra.join(" ")}: ${args.length === 0 ? "no arguments are taken here" : `only ${args.join(" ")} expected`}`,
  );
}
