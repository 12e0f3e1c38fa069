import { reasonOf } from "../errors.ts";
import { checkWords, complete, parseArguments } from "./arguments.ts";
import { type Command, type Group, isGroup, type Leaf, type Node, type Program } from "./command.ts";
import { EXIT, Exit, UsageError } from "./failure.ts";
import { commandHelp, globalBeside, groupHelp } from "./help.ts";
import type { Output } from "./output.ts";
import { didYouMean } from "./suggest.ts";

export interface Surroundings {
  out: Output;
  /** Fires on Ctrl-C. */
  signal: AbortSignal;
}

type Values = Record<string, string | string[] | true>;

/** A level of the tree on the way to a command, with the words that led there. */
interface Place {
  path: string[];
  usage: string;
}

/** Finds the command that the words name, runs it, and tells its failures. @returns the exit status */
export async function dispatch<C>(program: Program<C>, args: readonly string[], around: Surroundings): Promise<number> {
  const place: Place = { path: [program.name], usage: "" };
  let context: C | undefined;
  try {
    const found = await find(program, args, place);
    if (found.help) {
      await around.out.line(place.usage);
      return EXIT.ok;
    }
    const { command, words, given } = found;
    checkWords(words, command.args ?? []);
    const options = complete(given, command.options);
    context = program.context(given);
    return (await command.run(context, words, options)) ?? EXIT.ok;
  } catch (error) {
    return tell(program, error, around, place, context);
  }
}

type Found<C> = { help: true } | { help: false; command: Command<C>; words: string[]; given: Values };

async function find<C>({ name, version, tree, global }: Program<C>, args: readonly string[], place: Place): Promise<Found<C>> {
  let level = tree;
  let rest = args;
  const above: Values = {};
  for (;;) {
    place.usage = groupHelp(place.path, level, global);
    const { given, words } = parseArguments(rest, global, true);
    merge(above, given);
    if (given["help"]) return { help: true };
    if (given["version"]) {
      place.usage = `${name} ${version}`;
      return { help: true };
    }
    const [word, ...after] = words;
    if (word === undefined) throw new UsageError(`a command is missing: ${place.path.join(" ")} --help lists them`);
    const [chosen, node] = choose(level, word);
    place.path.push(chosen);
    if (!isGroup(node)) return await leaf(node, after, place, above, global);
    level = node;
    rest = after;
  }
}

async function leaf<C>(
  node: Leaf<C>,
  args: readonly string[],
  place: Place,
  above: Values,
  global: Program<C>["global"],
): Promise<Found<C>> {
  const { default: command } = await node.load();
  place.usage = commandHelp(place.path, node.about, command, global);
  const { given, words } = parseArguments(args, { ...globalBeside(command.options, global), ...command.options });
  if (given["help"]) return { help: true };
  merge(above, given);
  return { help: false, command, words, given: above };
}

function merge(above: Record<string, unknown>, given: Values): void {
  for (const [name, value] of Object.entries(given)) {
    if (typeof above[name] === "string") throw new UsageError(`--${name} was given twice`);
    above[name] = value;
  }
}

function choose<C>({ commands }: Group<C>, word: string): [name: string, node: Node<C>] {
  const found = Object.entries(commands).find(([name, { alias }]) => name === word || alias === word);
  if (found) return found;
  const names = Object.entries(commands).flatMap(([name, { hidden }]) => (hidden ? [] : [name]));
  throw new UsageError(`there is no command "${word}"${didYouMean(word, names)}`);
}

function tell<C>(
  { explain }: Program<C>,
  error: unknown,
  { out, signal }: Surroundings,
  { usage }: Place,
  context: C | undefined,
): number {
  if (error instanceof Exit) {
    if (error.message) out.note(error.message);
    return error.status;
  }
  if (signal.aborted) return EXIT.interrupted;
  if (error instanceof UsageError) {
    // Once the command runs, its usage explains nothing.
    out.note(context ? `ERROR: ${error.message}` : `${usage.split("\n\n")[0]}\nERROR: ${error.message}`);
    return EXIT.usage;
  }
  out.note(`Error: ${(context && explain?.(error, context)) ?? reasonOf(error)}`);
  return EXIT.server;
}
