import { columnNames, LIST, printList } from "../../../../core/common/command/list.ts";
import type { Column } from "../../../../core/common/table.ts";
import type { DeliveryRow } from "../../../delivery/table.ts";
import { defineCommand, wholeNumber } from "../../command.ts";
import { fieldOf } from "../../deliveries.ts";

const shown = (row: DeliveryRow, ...path: string[]) => {
  const value = fieldOf(row, ...path);
  return value === null ? "-" : (value ?? "");
};

const COLUMNS: Column<DeliveryRow>[] = [
  { name: "seq", width: 7, value: ({ seq }) => seq },
  { name: "ack", width: 3, value: ({ ack }) => ack },
  { name: "recvtime", width: 20, kind: "time", value: ({ recvtime }) => new Date(recvtime).toISOString() },
  { name: "event", width: 14, value: ({ event }) => event },
  { name: "action", width: 24, nothing: "", value: (row) => shown(row, "action") },
  { name: "uuid", width: 36, hidden: true, value: ({ uuid }) => uuid },
  { name: "sender", width: 24, hidden: true, value: (row) => shown(row, "sender", "login") },
  { name: "install", width: 8, hidden: true, value: (row) => Number(shown(row, "installation", "id")) || undefined },
  { name: "note", width: 40, hidden: true, value: ({ note }) => note },
];

export default defineCommand({
  options: { newest: { short: "n", value: "N", about: "only the newest N" }, ...LIST },
  columns: columnNames(COLUMNS),
  help: "In the order in which they came.",
  async run(context, _, { newest, ...options }) {
    const most = newest === undefined ? -1 : wholeNumber(newest, "a number of deliveries");
    const rows = context
      .db()
      .query<DeliveryRow, [number]>("SELECT * FROM delivery ORDER BY seq DESC LIMIT ?")
      .all(most)
      .reverse();
    await printList(context, COLUMNS, rows, options);
  },
});
