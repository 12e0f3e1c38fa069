/** Most bytes that GitHub takes for a summary and for a text. */
const MOST_BYTES = 65_535;

/** Text in code font, whatever it holds: one line, in as many backticks as it takes. */
export function code(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  const ticks = "`".repeat(longestRun(line) + 1);
  const pad = line.startsWith("`") || line.endsWith("`") || line === "" ? " " : "";
  return `${ticks}${pad}${line}${pad}${ticks}`;
}

/** Lines as a block that nothing in them can end. */
export function fenced(lines: readonly string[]): string {
  const fence = "`".repeat(Math.max(3, ...lines.map((line) => longestRun(line) + 1)));
  return [fence, ...lines, fence].join("\n");
}

const longestRun = (text: string) => Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));

export const link = (text: string, url: string): string => `[${text}](${url.replaceAll("(", "%28").replaceAll(")", "%29")})`;

const CUT = "\n\n(cut: it is too long for GitHub)";

/** As much of a text as GitHub takes, never ending inside a character. */
export function bounded(text: string, most = MOST_BYTES): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  let end = most - CUT.length;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString() + CUT;
}
