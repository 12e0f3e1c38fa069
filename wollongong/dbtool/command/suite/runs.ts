import { columnNames, LIST, printList } from "../../../../core/common/command/list.ts";
import type { Column } from "../../../../core/common/table.ts";
import { runsOf } from "../../../check/runs.ts";
import type { RunRow } from "../../../check/table.ts";
import { suiteOf } from "../../checks.ts";
import { defineCommand } from "../../command.ts";

const isFlushed = ({ flushed, version }: RunRow) => flushed >= version;

const COLUMNS: Column<RunRow>[] = [
  { name: "id", width: 26, value: ({ id }) => id },
  { name: "flags", width: 5, value: (run) => (run.active === 1 ? "A" : "-") + (isFlushed(run) ? "F" : "-") },
  { name: "variety", width: 10, value: ({ variety }) => variety },
  { name: "name", width: 30, value: ({ name }) => name },
  { name: "state", width: 15, hidden: true, value: ({ conclusion, state }) => conclusion ?? state },
  { name: "active", width: 6, hidden: true, value: ({ active }) => (active === 1 ? "yes" : "no") },
  { name: "flushed", width: 7, hidden: true, value: (run) => (isFlushed(run) ? "yes" : "no") },
  { name: "job", width: 26, hidden: true, value: ({ job }) => job },
];

export default defineCommand({
  args: ["CHECKSUITE"],
  options: LIST,
  columns: columnNames(COLUMNS),
  help: "Flags: A it is the newest of its name, F GitHub has all of it.",
  async run(context, [id], options) {
    const db = context.db();
    await printList(context, COLUMNS, runsOf({ db }, suiteOf(db, id).id), options);
  },
});
