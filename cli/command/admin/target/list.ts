import type { Target } from "../../../../core/client/operations.ts";
import { columnNames, LIST, printList } from "../../../../core/common/command/list.ts";
import type { Column } from "../../../../core/common/table.ts";
import { defineCommand } from "../../../command.ts";

/** With the name of the target that it leads to. */
type Row = Target & { redirect_name: string | undefined };

const COLUMNS: Column<Row>[] = [
  { name: "id", width: 26, value: ({ id }) => id },
  { name: "name", width: 20, value: ({ name }) => name },
  { name: "redirect", width: 20, value: ({ redirect_name }) => redirect_name },
  { name: "privilege", width: 14, value: ({ privilege }) => privilege },
  { name: "description", width: 38, hidden: true, value: ({ desc }) => desc },
  { name: "redirect_id", width: 26, hidden: true, value: ({ redirect }) => redirect },
];

export default defineCommand({
  options: LIST,
  columns: columnNames(COLUMNS),
  async run(context, _, options) {
    const targets = await context.admin().call("targets_list", {});
    const names = new Map(targets.map(({ id, name }) => [id, name]));
    const redirectName = ({ redirect }: Target) => (redirect ? (names.get(redirect) ?? "?MISSING") : undefined);
    const rows = targets.map((target) => ({ ...target, redirect_name: redirectName(target) }));
    await printList(context, COLUMNS, rows, options);
  },
});
