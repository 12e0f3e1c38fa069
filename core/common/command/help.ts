import type { Command, Group, Options } from "./command.ts";

const NAMES = 19;
const GUTTER = 24;
const WRAP = 54;
/** A terminal of the usual width. */
const WIDTH = 78;

/** Usage of a level that has further commands. */
export function groupHelp<C>(path: readonly string[], { about, commands }: Group<C>, global: Options): string {
  const shown = Object.entries(commands).filter(([, { hidden }]) => !hidden);
  return [
    `Usage: ${path.join(" ")} [OPTS] COMMAND [ARGS...]`,
    "",
    about,
    "",
    "Commands:",
    ...shown.map(([name, { alias, about }]) => `    ${(alias ? `${name} (${alias})` : name).padEnd(NAMES)} ${about}`),
    "",
    ...optionLines(global),
  ].join("\n");
}

/** Usage of a command itself. */
export function commandHelp<C>(path: readonly string[], about: string, command: Command<C>, global: Options): string {
  const { args = [], options, columns, help } = command;
  return [
    `Usage: ${[...path, "[OPTS]", ...args].join(" ")}`,
    "",
    about,
    ...(help ? ["", flowed(help)] : []),
    "",
    ...optionLines({ ...options, ...globalBeside(options, global) }),
    ...(columns ? ["", "Columns:", ...wrapped(columns.toSorted(byName).join(", "), WIDTH - 4).map((line) => `    ${line}`)] : []),
  ].join("\n");
}

const byName = (a: string, b: string) => (a.replace("[", "") < b.replace("[", "") ? -1 : 1);

/** The global options, without the short forms that the command uses itself. */
export function globalBeside(options: Options, global: Options): Options {
  const taken = new Set(Object.values(options).map(({ short }) => short));
  return Object.fromEntries(
    Object.entries(global)
      .filter(([name]) => !Object.hasOwn(options, name))
      .map(([name, { short, ...option }]) => [name, short !== undefined && !taken.has(short) ? { short, ...option } : option]),
  );
}

function optionLines(options: Options): string[] {
  const lines = Object.entries(options).flatMap(([name, { short, value, many, required, about }]) => {
    const names = `    ${short ? `-${short}, ` : "    "}--${name}${value ? ` ${value}` : ""}`;
    const notes = [required ? "required" : "", many ? "may be repeated" : ""].filter(Boolean).join(", ");
    const [first = "", ...more] = wrapped(notes ? `${about} (${notes})` : about, WRAP);
    const head = names.length < GUTTER ? [names.padEnd(GUTTER) + first] : [names, " ".repeat(GUTTER) + first];
    return [...head, ...more.map((line) => " ".repeat(GUTTER) + line)];
  });
  return ["Options:", ...lines];
}

/** Paragraphs, parted by an empty line, in lines of the terminal's width; what is indented stays as it is. */
const flowed = (text: string): string =>
  text
    .split("\n\n")
    .map((part) => (part.startsWith(" ") ? part : wrapped(part.replaceAll("\n", " "), WIDTH).join("\n")))
    .join("\n\n");

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
