import { age, ageInSeconds } from "./age.ts";

/** A column of a list. `value` gives undefined or null where there is nothing to show. */
export interface Column<Row> {
  name: string;
  width: number;
  /** text as it is; bytes, shown as `1.50M`; time, an RFC 3339 instant; age, the same shown as how long ago. */
  kind?: "text" | "bytes" | "time" | "age";
  /** Shown only when asked for. */
  hidden?: boolean;
  /** What stands where there is nothing to show; `-` unless told. */
  nothing?: string;
  value(row: Row): string | number | null | undefined;
}

export interface TableOptions {
  /** Names of the columns to show, in order; those not hidden, unless given. */
  show?: readonly string[] | undefined;
  sort?: { by: readonly string[]; descending: boolean } | undefined;
  /** Without a header, cells parted by tabs. */
  plain?: boolean;
  /** Bytes and seconds rather than rounded numbers. */
  exact?: boolean;
  /** ms */
  now: number;
}

/** A column that the table does not have; the message lists those it has. */
export class UnknownColumn extends Error {}

/** Lays out rows as text, one at a time or all at once. Widths are the columns' own, so a list can be printed as it comes. */
export class Table<Row> {
  readonly #all: readonly Column<Row>[];
  readonly #shown: readonly Column<Row>[];
  readonly #options: TableOptions;

  /** @throws UnknownColumn */
  constructor(columns: readonly Column<Row>[], options: TableOptions) {
    this.#all = columns;
    this.#options = options;
    this.#shown = options.show ? options.show.map((name) => this.#column(name)) : columns.filter(({ hidden }) => !hidden);
    for (const name of options.sort?.by ?? []) this.#column(name);
  }

  /** The header line; undefined for a plain table. */
  header(): string | undefined {
    return this.#options.plain ? undefined : this.#line(this.#shown.map(({ name }) => name.toUpperCase()));
  }

  row(row: Row): string {
    return this.#line(this.#shown.map((column) => this.#cell(column, row)));
  }

  /** Lines of the whole table, sorted. */
  lines(rows: readonly Row[]): string[] {
    const header = this.header();
    return [...(header === undefined ? [] : [header]), ...this.sorted(rows).map((row) => this.row(row))];
  }

  sorted(rows: readonly Row[]): readonly Row[] {
    const { sort, now } = this.#options;
    if (!sort) return rows;
    const columns = sort.by.map((name) => this.#column(name));
    const sign = sort.descending ? -1 : 1;
    return rows.toSorted((a, b) => {
      for (const column of columns) {
        const order = compare(sortKey(column, a, now), sortKey(column, b, now));
        if (order !== 0) return sign * order;
      }
      return 0;
    });
  }

  #column(name: string): Column<Row> {
    const column = this.#all.find((one) => one.name === name.trim().toLowerCase());
    if (!column) throw new UnknownColumn(`there is no column ${name}; there are ${this.#all.map((one) => one.name).join(", ")}`);
    return column;
  }

  #cell({ kind = "text", nothing = "-", value }: Column<Row>, row: Row): string {
    const { exact, now } = this.#options;
    const raw = value(row);
    if (raw === null || raw === undefined || raw === "") return nothing;
    if (kind === "bytes") return exact ? String(raw) : bytes(Number(raw));
    if (kind === "time") return inSeconds(String(raw));
    if (kind === "age") return exact ? String(ageInSeconds(String(raw), now)) : age(String(raw), now);
    return oneLine(String(raw));
  }

  #line(cells: string[]): string {
    if (this.#options.plain) return cells.join("\t");
    return this.#shown
      .map(({ width }, i) => pad(cells[i] ?? "", width))
      .join(" ")
      .trimEnd();
  }
}

/** What would break the line or move the cursor is shown as a space. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]/gu, " ");

/** Columns are as wide on the terminal as they say, also with wide characters. */
const pad = (text: string, width: number) => text + " ".repeat(Math.max(0, width - Bun.stringWidth(text)));

const UNITS: [number, string][] = [
  [2 ** 30, "G"],
  [2 ** 20, "M"],
  [2 ** 10, "K"],
];

/** `1.50M`; up to 1024 the bare number. */
export function bytes(count: number): string {
  for (const [unit, letter] of UNITS) if (count > unit) return `${(count / unit).toFixed(2)}${letter}`;
  return String(count);
}

const inSeconds = (instant: string) => new Date(instant).toISOString().replace(/\.\d+Z$/, "Z");

function sortKey<Row>({ kind, value }: Column<Row>, row: Row, now: number): string | number {
  const raw = value(row);
  if (kind === "age") return raw === null || raw === undefined ? -1 : ageInSeconds(String(raw), now);
  if (kind === "bytes") return Number(raw ?? -1);
  return raw ?? "";
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}
