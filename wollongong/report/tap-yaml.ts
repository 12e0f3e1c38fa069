/**
 * What a key of a diagnostic has, at whatever depth. Only this much of YAML is understood: no anchors or aliases, with which
 * a few lines can be made to mean gigabytes.
 */
export function valueAt(lines: readonly string[], key: string): string | undefined {
  const start = lines.findIndex((line) => line.trimStart().startsWith(`${key}:`));
  if (start < 0) return undefined;
  const line = lines[start] ?? "";
  const value = line.slice(line.indexOf(":") + 1).trim();
  if (!/^[|>][+-]?\d?$/.test(value)) return unquoted(value) || undefined;
  const depth = line.search(/\S/);
  const block = lines.slice(start + 1);
  const end = block.findIndex((next) => next.trim() !== "" && next.search(/\S/) <= depth);
  const inner = (end < 0 ? block : block.slice(0, end)).map((next) => next.trim());
  return inner.join(value.startsWith(">") ? " " : "\n").trim() || undefined;
}

const ESCAPES: Record<string, string> = { n: "\n", t: "\t" };

function unquoted(value: string): string {
  if (value.length < 2 || value.at(0) !== value.at(-1)) return value;
  if (value.startsWith('"')) return value.slice(1, -1).replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char);
  return value.startsWith("'") ? value.slice(1, -1).replaceAll("''", "'") : value;
}
