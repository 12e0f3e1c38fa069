import type { Factory } from "../../../../core/client/operations.ts";
import { columnNames, LIST, printList } from "../../../../core/common/command/list.ts";
import type { Column } from "../../../../core/common/table.ts";
import { defineCommand } from "../../../command.ts";

const COLUMNS: Column<Factory>[] = [
  { name: "id", width: 26, value: ({ id }) => id },
  { name: "name", width: 32, value: ({ name }) => name },
  { name: "flags", width: 5, value: ({ enable, hold_workers }) => (enable ? "E" : "") + (hold_workers ? "H" : "") },
  { name: "ping", width: 6, kind: "age", value: ({ last_ping }) => last_ping },
  { name: "state", width: 9, hidden: true, value: ({ state }) => state },
  { name: "workers", width: 7, hidden: true, value: ({ workers }) => workers?.toString() },
  { name: "last_ping", width: 20, kind: "time", hidden: true, value: ({ last_ping }) => last_ping },
];

export default defineCommand({
  options: LIST,
  columns: columnNames(COLUMNS),
  help: "Flags: E enabled, H its workers are held when they are made.",
  run: async (context, _, options) => printList(context, COLUMNS, await context.admin().call("factories_list", {}), options),
});
