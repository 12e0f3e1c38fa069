import { type Column, Table, UnknownColumn } from "../table.ts";
import type { World } from "../world.ts";
import type { Given, Options } from "./command.ts";
import { UsageError } from "./failure.ts";
import type { Output } from "./output.ts";

/** The options of every command that prints a list. */
export const LIST = {
  output: { short: "o", value: "COLS", about: "columns to show, in this order, parted by commas" },
  sort: { short: "s", value: "COLS", about: "sort by these columns, ascending" },
  "sort-descending": { short: "S", value: "COLS", about: "sort by these columns, descending" },
  "no-header": { short: "H", about: "no header, and tabs between the cells" },
  parseable: { short: "p", about: "exact numbers: bytes and seconds" },
} as const satisfies Options;

export type ListOptions = Given<typeof LIST>;

/** What the printing of a list needs of a program. */
export interface Printing {
  world: World;
  out: Output;
  /** As the API told it, rather than as a table. */
  json: boolean;
}

export const columnNames = (columns: readonly Pick<Column<never>, "name" | "hidden">[]): string[] =>
  columns.map(({ name, hidden }) => (hidden ? `[${name}]` : name));

/** @throws UsageError for a column that is not there */
export function tableOf<Row>(
  { world }: Pick<Printing, "world">,
  columns: readonly Column<Row>[],
  options: ListOptions,
): Table<Row> {
  const names = (text: string | undefined) => text?.split(",").filter((name) => name !== "");
  const by = names(options["sort-descending"]) ?? names(options.sort);
  try {
    return new Table(columns, {
      now: world.now(),
      show: names(options.output),
      plain: options["no-header"],
      exact: options.parseable,
      ...(by ? { sort: { by, descending: options["sort-descending"] !== undefined } } : {}),
    });
  } catch (error) {
    throw error instanceof UnknownColumn ? new UsageError(error.message, { cause: error }) : error;
  }
}

/** Prints rows as a table, or as the API told them with `--json`. */
export async function printList<Row>(
  context: Printing,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: ListOptions,
) {
  const table = tableOf(context, columns, options);
  if (context.json) await context.out.json(table.sorted(rows));
  else await context.out.lines(table.lines(rows));
}

/**
 * Prints pages of rows: each as it comes, so that a list may be of any length; only a list that is to be sorted is read whole
 * first. With `unsorted` it is never sorted, and JSON comes as a row a line rather than as one array.
 */
export async function printPages<Row>(
  context: Printing,
  columns: readonly Column<Row>[],
  pages: AsyncIterable<Row[]>,
  { unsorted, ...options }: ListOptions & { unsorted: boolean },
) {
  if (!unsorted && (options.sort ?? options["sort-descending"]) !== undefined)
    return await printList(context, columns, (await Array.fromAsync(pages)).flat(), options);
  const table = tableOf(context, columns, { ...options, sort: undefined, "sort-descending": undefined });
  if (context.json) return await (unsorted ? printLines(context, pages, JSON.stringify) : printArray(context, pages));
  await printLines(context, pages, (row) => table.row(row), table.header());
}

/** The header comes with the first page, so that a list which is refused shows none. */
async function printLines<Row>(
  { out }: Printing,
  pages: AsyncIterable<Row[]>,
  shown: (row: Row) => string,
  header?: string | undefined,
) {
  let above = header === undefined ? [] : [header];
  for await (const page of pages) {
    await out.lines([...above, ...page.map((row) => shown(row))]);
    above = [];
  }
}

/** The text of `JSON.stringify(rows, null, 2)`, page by page. */
async function printArray<Row>({ out }: Printing, pages: AsyncIterable<Row[]>) {
  // Waits for the next one: only then it is known whether a comma follows.
  let last: string | undefined;
  for await (const page of pages) {
    const lines: string[] = [];
    for (const row of page) {
      lines.push(last === undefined ? "[" : `${last},`);
      last = JSON.stringify(row, null, 2).replace(/^/gm, "  ");
    }
    await out.lines(lines);
  }
  await out.lines(last === undefined ? ["[]"] : [last, "]"]);
}
