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
  for (const name of path.filter((part) => !/^\d+$/.test(part))) {
    const word = new RegExp(`(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`);
    const found = text.findIndex((line, i) => i >= at && word.test(line));
    if (found < 0) break;
    at = found;
  }
  return lines[at] ?? 1;
}
