import type { User } from "../../../../core/client/operations.ts";
import { columnNames, LIST, printList } from "../../../../core/common/command/list.ts";
import type { Column } from "../../../../core/common/table.ts";
import { defineCommand } from "../../../command.ts";

const COLUMNS: Column<User>[] = [
  { name: "id", width: 26, value: ({ id }) => id },
  { name: "name", width: 30, value: ({ name }) => name },
  { name: "age", width: 6, kind: "age", value: ({ time_create }) => time_create },
  { name: "creation", width: 20, kind: "time", hidden: true, value: ({ time_create }) => time_create },
  { name: "privileges", width: 40, hidden: true, value: ({ privileges }) => privileges.join(",") },
];

export default defineCommand({
  options: LIST,
  columns: columnNames(COLUMNS),
  run: async (context, _, options) =>
    printList(context, COLUMNS, await context.admin().call("users_list", { query: {} }), options),
});
