/** The lines of a job file that begin with `#:`, as one TOML document that remembers where each line stood. */
export interface FrontMatter {
  toml: string;
  /** Number in the file, from 1, of each line of `toml`. */
  lines: number[];
  /** Whether the file begins with `#!`. */
  interpreter: boolean;
}

/** The front matter is the run of lines that begin with `#`; the first other line, a blank one too, ends it. */
export function frontMatter(text: string): FrontMatter {
  const all = text.split("\n").map((line) => line.replace(/\r$/, ""));
  const end = all.findIndex((line) => !line.startsWith("#"));
  const head = end < 0 ? all : all.slice(0, end);
  const toml: string[] = [];
  const lines: number[] = [];
  for (const [i, line] of head.entries()) {
    if (!line.startsWith("#:")) continue;
    toml.push(line.replace(/^(#:)+/, ""));
    lines.push(i + 1);
  }
  return { toml: toml.join("\n"), lines, interpreter: head[0]?.startsWith("#!") ?? false };
}

/**
 * Where in the file a value stands that a parsed document names by its path; as near as text search comes to it: the
 * line that mentions the last name of the path that is found at all.
 */
export function lineOf({ toml, lines }: FrontMatter, path: readonly string[]): number {
  const text = toml.split("\n");
  let at = 0;
  for (const [i, part] of path.entries()) {
    const header = new RegExp(`^\\s*\\[\\[\\s*${RegExp.escape(path[i - 1] ?? "")}\\s*\\]\\]`);
    const found = /^\d+$/.test(part) ? nth(text, header, Number(part)) : nth(text, wordOf(part), 0, at);
    if (found >= 0) at = found;
    else if (!/^\d+$/.test(part)) break;
  }
  return lines[at] ?? 1;
}

const wordOf = (name: string) => new RegExp(`(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`);

/** Index of the line, from `start` on, that fits after `before` others that do; -1 where there is none. */
function nth(text: readonly string[], pattern: RegExp, before: number, start = 0): number {
  let left = before;
  return text.findIndex((line, i) => i >= start && pattern.test(line) && left-- === 0);
}
