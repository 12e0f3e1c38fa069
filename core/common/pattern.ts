/**
 * The dialect of output rules: `?` one character, `*` any run, `[a-z]`, `[!a-z]`, and `**` alone between slashes for any
 * number of directories. Wildcards match leading dots. No escapes: `[*]` stands for a star.
 */

/** A pattern that means nothing; the message says why. */
export class BadPattern extends Error {}

/** A pattern, or a component of one, as a regular expression. @throws BadPattern */
export function patternRegex(pattern: string): RegExp {
  let regex = "";
  for (let i = 0; i < pattern.length; ) {
    const [source, length] = tokenAt(pattern, i);
    regex += source;
    i += length;
  }
  return new RegExp(`^${regex}$`, "su");
}

function tokenAt(pattern: string, i: number): [source: string, length: number] {
  const rest = pattern.slice(i);
  if (rest.startsWith("**")) {
    if ((i > 0 && pattern[i - 1] !== "/") || !/^\*\*(\/|$)/.test(rest))
      throw new BadPattern(`in ${pattern}, ** does not stand alone between slashes`);
    return rest.length === 2 ? [".*", 2] : ["(?:.*/)?", 3];
  }
  if (rest.startsWith("*")) return [".*", 1];
  if (rest.startsWith("?")) return [".", 1];
  const code = rest.codePointAt(0) ?? 0;
  if (!rest.startsWith("[")) return [escaped(code), code > 0xffff ? 2 : 1];
  // A bracket that comes first is one of the characters.
  const [whole, not, members] = /^\[(!|(?!!))([^/][^\]/]*)\]/su.exec(rest) ?? [];
  if (whole === undefined) throw new BadPattern(`in ${pattern}, a [ is not closed`);
  return [`[${not ? "^" : ""}${classOf(members ?? "")}]`, whole.length];
}

function classOf(members: string): string {
  const codes = Array.from(members, (char) => char.codePointAt(0) ?? 0);
  let source = "";
  for (let i = 0; i < codes.length; ) {
    const [from = 0, dash, to] = codes.slice(i, i + 3);
    const isRange = dash === 0x2d && to !== undefined;
    if (!isRange) source += escaped(from);
    else if (from <= to) source += `${escaped(from)}-${escaped(to)}`;
    i += isRange ? 3 : 1;
  }
  return source;
}

const escaped = (code: number) => `\\u{${code.toString(16)}}`;
