/** The sixteen colours, as the classes of `static/style.css` call them. */
const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

interface Look {
  fg: string | undefined;
  bg: string | undefined;
  bold: boolean;
  italic: boolean;
  underline: boolean;
}

const PLAIN: Look = { fg: undefined, bg: undefined, bold: false, italic: false, underline: false };

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are made of them
const SEQUENCE = /\x1b\[([0-9;:]*)m|\x1b\[[0-9;?]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]/g;

/**
 * A line of a terminal as HTML: escaped, its colours as classes, all other escape sequences gone. Nothing of the line can be
 * anything but text, and no look goes on beyond its end. Colours beyond the sixteen are shown as the nearest of them.
 */
export function ansiToHtml(line: string): string {
  if (!line.includes("\x1b")) return Bun.escapeHTML(line);
  let html = "";
  let look = PLAIN;
  let at = 0;
  const add = (text: string) => {
    if (text !== "") html += wrapped(Bun.escapeHTML(text), classesOf(look));
  };
  for (const match of line.matchAll(SEQUENCE)) {
    add(line.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[1] !== undefined) look = applied(look, match[1]);
  }
  add(line.slice(at).replaceAll("\x1b", "\u241b"));
  return html;
}

const wrapped = (text: string, classes: string) => (classes === "" ? text : `<span class="${classes}">${text}</span>`);

function classesOf({ fg, bg, bold, italic, underline }: Look): string {
  const list = [fg && `fg-${fg}`, bg && `bg-${bg}`, bold && "bold", italic && "italic", underline && "underline"];
  return list.filter(Boolean).join(" ");
}

/** What one `ESC [ ... m` does (ECMA-48, 8.3.117). */
function applied(before: Look, text: string): Look {
  let look = before;
  const codes = text.split(/[;:]/).map(Number);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48) {
      const [colour, used] = extended(codes.slice(i + 1));
      look = code === 38 ? { ...look, fg: colour } : { ...look, bg: colour };
      i += used;
    } else look = simple(look, code);
  }
  return look;
}

function simple(look: Look, code: number): Look {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...look, bold: true };
  if (code === 3) return { ...look, italic: true };
  if (code === 4) return { ...look, underline: true };
  if (code === 22) return { ...look, bold: false };
  if (code === 23) return { ...look, italic: false };
  if (code === 24) return { ...look, underline: false };
  if (code === 39) return { ...look, fg: undefined };
  if (code === 49) return { ...look, bg: undefined };
  const [tens, ones] = [Math.floor(code / 10), code % 10];
  const name = NAMES[ones];
  if (name === undefined) return look;
  if (tens === 3) return { ...look, fg: name };
  if (tens === 4) return { ...look, bg: name };
  if (tens === 9) return { ...look, fg: `bright-${name}` };
  return tens === 10 ? { ...look, bg: `bright-${name}` } : look;
}

/** `5;N` and `2;R;G;B`, after 38 or 48. @returns the colour, and how many numbers were used up */
function extended([kind, ...rest]: number[]): [colour: string | undefined, used: number] {
  if (kind === 2) return [nearest(rest[0] ?? 0, rest[1] ?? 0, rest[2] ?? 0), 4];
  if (kind !== 5) return [undefined, 0];
  const n = rest[0] ?? 0;
  if (n < 16) return [n < 8 ? NAMES[n] : `bright-${NAMES[n - 8]}`, 2];
  if (n >= 232) return [nearest((n - 232) * 10 + 8, (n - 232) * 10 + 8, (n - 232) * 10 + 8), 2];
  const level = (value: number) => (value === 0 ? 0 : value * 40 + 55);
  return [nearest(level(Math.floor((n - 16) / 36)), level(Math.floor((n - 16) / 6) % 6), level((n - 16) % 6)), 2];
}

/** Which of red, green and blue are strong makes one of the eight names; how strong, whether it is bright. */
function nearest(r: number, g: number, b: number): string {
  const most = Math.max(r, g, b);
  const strong = (value: number) => value > most / 2 && value > 40;
  const index = Number(strong(r)) + 2 * Number(strong(g)) + 4 * Number(strong(b));
  return most > 190 ? `bright-${NAMES[index]}` : (NAMES[index] ?? "white");
}
