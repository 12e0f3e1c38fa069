import { columnNames, LIST, printList } from "../../../../core/common/command/list.ts";
import type { Column } from "../../../../core/common/table.ts";
import type { DeliveryRow } from "../../../delivery/table.ts";
import { defineCommand } from "../../command.ts";

const COLUMNS: Column<DeliveryRow>[] = [
  { name: "seq", width: 7, value: ({ seq }) => seq },
  { name: "state", width: 11, value: ({ quarantined }) => (quarantined === 1 ? "quarantine" : "again") },
  { name: "tries", width: 5, value: ({ tries }) => tries },
  { name: "recvtime", width: 20, kind: "time", value: ({ recvtime }) => new Date(recvtime).toISOString() },
  { name: "event", width: 14, value: ({ event }) => event },
  { name: "error", width: 40, value: ({ error }) => error?.replace(/\s+/g, " ") },
];

export default defineCommand({
  options: LIST,
  columns: columnNames(COLUMNS),
  help: "Those in quarantine are not tried again by themselves: see `unack`, `replay` and `ack`.",
  async run(context, _, options) {
    const rows = context
      .db()
      .query<DeliveryRow, []>("SELECT * FROM delivery WHERE ack IS NULL AND error IS NOT NULL ORDER BY seq")
      .all();
    await printList(context, COLUMNS, rows, options);
  },
});
