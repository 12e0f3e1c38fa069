import { stripVTControlCharacters } from "node:util";
import type { JobEvent } from "../../core/client/operations.ts";
import type { RunRow } from "../check/table.ts";

/** A line of the check run's text, and its group: control lines of one task belong together, lines of output to none. */
type TailLine = readonly [group: string | null, line: string];

/** The end of a job's log, and what the core and the agent said before it. */
export interface Tail {
  headers: readonly (readonly [group: string, line: string])[];
  lines: readonly TailLine[];
}

export interface OutputFile {
  id: string;
  path: string;
  size: number;
}

export interface Outputs {
  /** The first few. */
  files: OutputFile[];
  /** How many there are beside them. */
  more: number;
}

const LINES = 20;
const HEADERS = 60;
const LONGEST = 90;

const PREFIX: Readonly<Record<string, string>> = { stdout: "| ", stderr: "| ", console: "|C| ", panic: "|!| " };

export const tailOf = ({ tail }: RunRow): Tail => JSON.parse(tail) as Tail;
export const outputsOf = ({ outputs }: RunRow): Outputs => JSON.parse(outputs) as Outputs;

/** The tail after further events. As lines scroll off, those of the control groups move to the headers, others are gone. */
export function lengthen({ headers, lines }: Tail, events: readonly JobEvent[]): Tail {
  // Of many, only the last can be seen; control lines are wanted all.
  const all = [...lines, ...events.flatMap(lineOf)];
  const scrolled = all.slice(0, -LINES).filter((line): line is readonly [string, string] => line[0] !== null);
  const kept = [...headers, ...scrolled];
  return {
    headers: kept.length > HEADERS ? [...kept.slice(0, HEADERS / 2), ...kept.slice(-HEADERS / 2)] : kept,
    lines: all.slice(-LINES),
  };
}

function lineOf({ stream, payload, task }: JobEvent): TailLine[] {
  if (stream.startsWith("bg.")) return [];
  const prefix = PREFIX[stream];
  if (prefix !== undefined) return [[null, prefix + cut(stripVTControlCharacters(payload))]];
  if (stream === "worker") return [[null, `|W| ${payload}`]];
  return [[`${stream}/${task ?? ""}`, `${stream}: ${payload}`]];
}

function cut(text: string): string {
  const characters = text.length > LONGEST ? [...text] : [];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST).join("")} [...]` : text;
}
