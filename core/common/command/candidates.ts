import { type Command, isGroup, type Options, type Program } from "./command.ts";
import { globalBeside } from "./help.ts";

/** What could stand in the place of the last word, after the others. Nothing where only the user knows. */
export async function candidates<C>(
  { tree, global }: Pick<Program<C>, "tree" | "global">,
  words: readonly string[],
): Promise<string[]> {
  const before = words.slice(0, -1);
  const last = words.at(-1) ?? "";
  let level = tree;
  let command: Command<C> | undefined;
  for (let at = 0; at < before.length && !command; at++) {
    const word = before[at] ?? "";
    if (word.startsWith("-")) {
      if (takesValue(word, global)) at++;
      continue;
    }
    const node = Object.entries(level.commands).find(([name, { alias }]) => name === word || alias === word)?.[1];
    if (!node) return [];
    if (isGroup(node)) level = node;
    else command = (await node.load()).default;
  }
  const options: Options = command ? { ...globalBeside(command.options, global), ...command.options } : global;
  if (takesValue(before.at(-1) ?? "", options)) return [];
  const names = command ? [] : Object.entries(level.commands).flatMap(([name, { hidden }]) => (hidden ? [] : [name]));
  const offered = last.startsWith("-") ? Object.keys(options).map((name) => `--${name}`) : names;
  return offered.filter((name) => name.startsWith(last));
}

const takesValue = (word: string, options: Options): boolean =>
  Object.entries(options).some(
    ([name, { short, value }]) => value !== undefined && (word === `--${name}` || word === `-${short}`),
  );
