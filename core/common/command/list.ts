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

/** Prints pages of rows: each as it comes when `unsorted`, otherwise as one list. */
export async function printPages<Row>(
  context: Printing,
  columns: readonly Column<Row>[],
  pages: AsyncIterable<Row[]>,
  { unsorted, ...options }: ListOptions & { unsorted: boolean },
) {
  if (!unsorted) return await printList(context, columns, (await Array.fromAsync(pages)).flat(), options);
  const table = tableOf(context, columns, { ...options, sort: undefined, "sort-descending": undefined });
  const header = table.header();
  if (!context.json && header !== undefined) await context.out.line(header);
  const shown = context.json ? (row: Row) => JSON.stringify(row) : (row: Row) => table.row(row);
  for await (const page of pages) await context.out.lines(page.map(shown));
}
