import { CallFailed } from "../core/client/failure.ts";
import { reasonOf } from "../core/common/errors.ts";
import type { World } from "../core/common/world.ts";
import { checkWords, complete, parseArguments } from "./arguments.ts";
import { candidates } from "./candidates.ts";
import { type Command, GLOBAL, type Group, isGroup, type Leaf, type Node } from "./command.ts";
import { type Context, createContext } from "./context.ts";
import { explain } from "./explain.ts";
import { EXIT, Exit, UsageError } from "./failure.ts";
import { commandHelp, globalBeside, groupHelp } from "./help.ts";
import type { Output } from "./output.ts";
import type { Environment } from "./profile.ts";
import { didYouMean } from "./suggest.ts";

export interface Surroundings {
  world: World;
  env: Environment;
  out: Output;
  signal: AbortSignal;
}

/** A level of the tree on the way to a command, with the words that led there. */
interface Place {
  path: string[];
  usage: string;
}

/** Finds the command that the words name, runs it, and tells its failures. @returns the exit status */
export async function dispatch(tree: Group, args: readonly string[], around: Surroundings): Promise<number> {
  const place: Place = { path: ["buildomat"], usage: "" };
  let context: Context | undefined;
  try {
    const found = await find(tree, args, place);
    if (found.help) {
      await around.out.line(place.usage);
      return EXIT.ok;
    }
    const { command, words, given } = found;
    checkWords(words, command.args ?? []);
    const options = complete(given, command.options);
    const text = (name: string) => (typeof given[name] === "string" ? given[name] : undefined);
    context = createContext({
      ...around,
      json: given["json"] === true,
      profileName: text("profile"),
      delegate: text("delegate"),
      complete: (words) => candidates(tree, words),
    });
    return (await command.run(context, words, options)) ?? EXIT.ok;
  } catch (error) {
    return tell(error, around, place, context);
  }
}

type Found = { help: true } | { help: false; command: Command; words: string[]; given: Record<string, string | string[] | true> };

async function find(tree: Group, args: readonly string[], place: Place): Promise<Found> {
  let level = tree;
  let rest = args;
  const above: Record<string, string | string[] | true> = {};
  for (;;) {
    place.usage = groupHelp(place.path, level);
    const { given, words } = parseArguments(rest, GLOBAL, true);
    merge(above, given);
    if (given["help"]) return { help: true };
    const [word, ...after] = words;
    if (word === undefined) throw new UsageError("a command is missing");
    const [name, node] = choose(level, word);
    place.path.push(name);
    if (!isGroup(node)) return await leaf(node, after, place, above);
    level = node;
    rest = after;
  }
}

async function leaf(
  node: Leaf,
  args: readonly string[],
  place: Place,
  above: Record<string, string | string[] | true>,
): Promise<Found> {
  const { default: command } = await node.load();
  place.usage = commandHelp(place.path, node.about, command);
  const { given, words } = parseArguments(args, { ...globalBeside(command.options), ...command.options });
  if (given["help"]) return { help: true };
  merge(above, given);
  return { help: false, command, words, given: above };
}

function merge(above: Record<string, unknown>, given: Record<string, string | string[] | true>): void {
  for (const [name, value] of Object.entries(given)) {
    if (typeof above[name] === "string") throw new UsageError(`--${name} was given twice`);
    above[name] = value;
  }
}

function choose({ commands }: Group, word: string): [name: string, node: Node] {
  const found = Object.entries(commands).find(([name, { alias }]) => name === word || alias === word);
  if (found) return found;
  const names = Object.entries(commands).flatMap(([name, { hidden }]) => (hidden ? [] : [name]));
  throw new UsageError(`there is no command "${word}"${didYouMean(word, names)}`);
}

function tell(error: unknown, { out, signal }: Surroundings, { usage }: Place, context: Context | undefined): number {
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
  const said = error instanceof CallFailed && context ? explain(error, context.profile()) : reasonOf(error);
  out.note(`Error: ${said}`);
  return EXIT.server;
}
