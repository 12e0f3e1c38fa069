import type { Progress } from "../core/client/transfer.ts";
import type { Output } from "../core/common/command/output.ts";
import { bytes } from "../core/common/table.ts";
import type { World } from "../core/common/world.ts";

const BAR = 24;

interface Line {
  name: string;
  done: number;
  total: number | undefined;
  /** When the first bytes had moved; undefined before. */
  started: number | undefined;
}

/** Bars on a terminal, one line for each transfer; nothing elsewhere. */
export class ProgressBars {
  readonly #world: World;
  readonly #out: Output;
  #lines: Line[] = [];
  #drawn = 0;

  constructor(world: World, out: Output) {
    this.#world = world;
    this.#out = out;
  }

  /** Adds a line. Call what comes back with every step. */
  add(name: string): Progress {
    const line: Line = { name: name.replace(/\p{Cc}/gu, "\u{fffd}"), done: 0, total: undefined, started: undefined };
    this.#lines.push(line);
    return (done, total) => {
      line.started ??= this.#world.now();
      line.done = done;
      line.total = total;
      this.#draw();
    };
  }

  /** Takes the bars away again. */
  clear(): void {
    if (this.#drawn > 0) this.#out.draw(`\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
    this.#lines = [];
  }

  #draw(): void {
    const { columns } = this.#out;
    if (columns === undefined) return;
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : "";
    const now = this.#world.now();
    this.#out.draw(up + this.#lines.map((line) => `\r\u001b[K${lineText(line, now).slice(0, columns - 1)}\n`).join(""));
    this.#drawn = this.#lines.length;
  }
}

/** `bun.tar.gz  [########----------------]  33%  12.00M of 36.00M  110.00M/s` */
function lineText({ name, done, total, started = 0 }: Line, now: number): string {
  const seconds = Math.max(0.001, (now - started) / 1000);
  const part = total === undefined ? undefined : total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round((part ?? 0) * BAR);
  const bar = `[${"#".repeat(filled)}${"-".repeat(BAR - filled)}]`;
  const percent = part === undefined ? "    " : `${Math.floor(part * 100)}%`.padStart(4);
  const of = total === undefined ? bytes(done) : `${bytes(done)} of ${bytes(total)}`;
  return `${name.padEnd(20)}  ${bar}  ${percent}  ${of}  ${bytes(Math.round(done / seconds))}/s`;
}
