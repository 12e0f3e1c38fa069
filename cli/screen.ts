import type { Output } from "../core/common/command/output.ts";
import { forTerminal } from "../core/common/command/terminal-text.ts";

const ENTER = "\u001b[?1049h\u001b[?25l\u001b[H";
const LEAVE = "\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const TO_END_OF_LINE = "\u001b[K";
const TO_END = "\u001b[J";
/** Rows left free: for the cursor, and for a line on stderr. */
const FREE = 2;

/** The terminal as a page that is drawn anew, in place, without a flicker. What was on it before comes back in the end. */
export class Screen implements AsyncDisposable {
  readonly #out: Output;
  #before = ENTER;

  constructor(out: Output) {
    this.#out = out;
  }

  /** Draws these lines over the last ones, as many and as much of them as there is room for. */
  async show(lines: readonly string[]): Promise<void> {
    const { columns, rows } = this.#out.size() ?? { columns: 80, rows: 24 };
    const room = Math.max(1, rows - FREE);
    const fitting =
      lines.length <= room
        ? lines
        : [...lines.slice(0, room - 1), `... ${lines.length - room + 1} more lines: make the window larger`];
    const drawn = fitting.map((line) => cut(forTerminal(line), columns) + TO_END_OF_LINE).join("\n");
    await this.#out.raw(`${this.#before}${drawn}${TO_END}\n`);
    this.#before = HOME;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#before === HOME) await this.#out.raw(`${LEAVE}\n`);
  }
}

/** As much of a line as fits, wide characters counted as such. */
function cut(line: string, columns: number): string {
  let text = line.slice(0, columns);
  while (Bun.stringWidth(text) > columns) text = text.slice(0, -1);
  return text;
}
