import { columnNames, LIST, printList } from "../../../../core/common/command/list.ts";
import type { Column } from "../../../../core/common/table.ts";
import type { RepositoryRow } from "../../../account/table.ts";
import { defineCommand } from "../../command.ts";

const COLUMNS: Column<RepositoryRow>[] = [
  { name: "id", width: 10, value: ({ id }) => id },
  { name: "owner", width: 36, value: ({ owner }) => owner },
  { name: "name", width: 36, value: ({ name }) => name },
  { name: "visibility", width: 10, value: ({ visibility }) => visibility },
  { name: "deleted", width: 7, hidden: true, value: ({ deleted }) => (deleted === 1 ? "yes" : "no") },
];

export default defineCommand({
  options: LIST,
  columns: columnNames(COLUMNS),
  run: async (context, _, options) =>
    printList(context, COLUMNS, context.db().query<RepositoryRow, []>("SELECT * FROM repository ORDER BY id").all(), options),
});
