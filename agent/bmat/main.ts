import { codeOf, reasonOf } from "../../core/common/errors.ts";
import { address } from "./address.ts";
import { explainOptions, type Options, parseOptions, UsageError } from "./arguments.ts";
import type { Command, Group, Surroundings } from "./command.ts";
import { engineering, factory } from "./factory.ts";
import { processes } from "./process.ts";
import { store } from "./store.ts";

const GROUPS: Readonly<Record<string, Group & { hidden?: true }>> = {
  address,
  eng: { ...engineering, hidden: true },
  factory,
  process: processes,
  store,
};

const HELP: Options = { help: { about: "show this help" } };

/** The control program of a job. @returns its exit status */
export async function bmat(args: readonly string[], around: Surroundings): Promise<number> {
  let usage = usageOfAll();
  try {
    const top = parseOptions(args, HELP);
    if (top.given.has("help")) return shown(usage, around);
    const [noun, ...afterNoun] = top.words;
    const group = pick(GROUPS, noun);
    usage = usageOfGroup(`bmat ${noun}`, group);
    const level = parseOptions(afterNoun, HELP);
    if (level.given.has("help")) return shown(usage, around);
    const [verb, ...afterVerb] = level.words;
    const named = pick(group.commands, verb);
    const command = typeof named === "string" ? pick(group.commands, named) : named;
    if (typeof command === "string") throw new UsageError(`there is no command ${verb}`);
    usage = usageOfCommand(`bmat ${noun} ${verb}`, command);
    const { given, words } = parseOptions(afterVerb, { ...HELP, ...command.options });
    if (given.has("help")) return shown(usage, around);
    const [least, most] = command.words;
    if (words.length < least) throw new UsageError("an argument is missing");
    if (words.length > most) throw new UsageError(`${JSON.stringify(words[most])} is one argument too many`);
    await run(command, { given, words }, around);
    return 0;
  } catch (error) {
    // Whoever read our output has seen enough.
    if (codeOf(error) === "EPIPE") return 0;
    around.warn(error instanceof UsageError ? `${usage}\nERROR: ${error.message}` : `Error: ${reasonOf(error)}`);
    return 1;
  }
}

async function run(command: Command, { given, words }: ReturnType<typeof parseOptions>, around: Surroundings): Promise<void> {
  const agent = await around.connect();
  try {
    await command.run({ ...around, agent, given, args: words });
  } finally {
    agent.close();
  }
}

function pick<T>(from: Readonly<Record<string, T>>, name: string | undefined): T {
  if (name === undefined) throw new UsageError("a command is missing");
  const found = Object.hasOwn(from, name) ? from[name] : undefined;
  if (found === undefined) throw new UsageError(`there is no command ${name}`);
  return found;
}

function shown(usage: string, { print }: Surroundings): number {
  print(usage);
  return 0;
}

const line = (name: string, about: string) => `    ${name.padEnd(19)} ${about}\n`;

function usageOfAll(): string {
  const groups = Object.entries(GROUPS).map(([name, { about, hidden }]) => (hidden ? "" : line(name, about)));
  return `Usage: bmat COMMAND [ARGS...]\n\nCommands:\n${groups.join("")}\n${explainOptions(HELP)}`;
}

function usageOfGroup(words: string, { commands }: Group): string {
  const entries = Object.entries(commands);
  const aliases = (of: string) => entries.flatMap(([name, target]) => (target === of ? [`(${name})`] : []));
  const lines = entries.flatMap(([name, command]) =>
    typeof command === "string" || command.hidden ? [] : [line([name, ...aliases(name)].join(" "), command.about)],
  );
  return `Usage: ${words} COMMAND [ARGS...]\n\nCommands:\n${lines.join("")}\n${explainOptions(HELP)}`;
}

function usageOfCommand(words: string, { about, synopsis, options }: Command): string {
  const head = [words, ...(options ? ["[OPTS]"] : []), ...(synopsis ? [synopsis] : [])].join(" ");
  return `Usage: ${head}\n\n${about}\n\n${explainOptions({ ...options, ...HELP })}`;
}
