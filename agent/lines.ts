import type { Mask } from "../core/common/mask.ts";

/** A longer line is cut into pieces of this many characters. */
export const PIECE = 64 * 1024;

/**
 * Turns the bytes of one stream into lines of a log: split at LF, invalid UTF-8 as U+FFFD, secrets masked, trailing
 * blanks taken off, long lines in pieces. Works on whole chunks, because a job may print a million lines a second.
 */
export class LineSplitter {
  readonly #mask: Mask;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  /** What has come of a line whose end has not. */
  #rest = "";
  /** Pieces of that line have been given out. */
  #begun = false;

  constructor(mask: Mask) {
    this.#mask = mask;
  }

  /** The lines that `bytes` completes. */
  push(bytes: Uint8Array): string[] {
    const text = this.#decoder.decode(bytes, { stream: true });
    const end = text.lastIndexOf("\n");
    if (end < 0) {
      this.#rest += text;
      return this.#cut();
    }
    const lines = this.#finish(this.#rest + text.slice(0, end));
    this.#rest = text.slice(end + 1);
    const more = this.#cut();
    return more.length === 0 ? lines : lines.concat(more);
  }

  /** What is left when the stream has ended: a last line without an end. */
  end(): string[] {
    const text = this.#rest + this.#decoder.decode();
    this.#rest = "";
    return text === "" ? [] : this.#finish(text);
  }

  #finish(text: string): string[] {
    const lines = this.#mask.apply(text).split("\n");
    let long = false;
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] ?? "";
      const last = line.charCodeAt(line.length - 1);
      if (!(last > 0x20 && last < 0x80)) lines[i] = withoutTrailingBlanks(line);
      if (line.length > PIECE) long = true;
    }
    if (this.#begun && lines[0] === "") lines.shift();
    this.#begun = false;
    return long ? lines.flatMap((line) => (line.length > PIECE ? inPieces(line) : line)) : lines;
  }

  /** Gives out whole pieces of an unfinished line. Keeps so much that a secret which begins in a piece has been seen whole. */
  #cut(): string[] {
    const keep = this.#mask.longest;
    if (this.#rest.length <= PIECE + keep) return [];
    const pieces = inPieces(this.#mask.apply(this.#rest));
    this.#rest = pieces.pop() ?? "";
    while (pieces.length > 0 && this.#rest.length < keep) this.#rest = (pieces.pop() ?? "") + this.#rest;
    if (pieces.length > 0) this.#begun = true;
    return pieces;
  }
}

function inPieces(line: string): string[] {
  const pieces: string[] = [];
  let at = 0;
  while (line.length - at > PIECE) {
    const cut = at + PIECE - (isHighSurrogate(line.charCodeAt(at + PIECE - 1)) ? 1 : 0);
    pieces.push(line.slice(at, cut));
    at = cut;
  }
  pieces.push(line.slice(at));
  return pieces;
}

const isHighSurrogate = (code: number) => code >= 0xd800 && code < 0xdc00;

/** Unicode's White_Space. `trimEnd` would also take U+FEFF, and leave U+0085. */
const BLANK = new Set([
  ...[0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
  ...Array.from({ length: 11 }, (_, i) => 0x2000 + i),
]);

function withoutTrailingBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && BLANK.has(line.charCodeAt(end - 1))) end--;
  return line.slice(0, end);
}
