import type { JobStoreValueInfo } from "../../../../core/client/operations.ts";
import { columnNames, LIST, printList } from "../../../../core/common/command/list.ts";
import type { Column } from "../../../../core/common/table.ts";
import { defineCommand } from "../../../command.ts";
import { checkId } from "../../../ids.ts";

type Row = JobStoreValueInfo & { name: string };

const COLUMNS: Column<Row>[] = [
  { name: "name", width: 16, value: ({ name }) => name },
  { name: "flags", width: 5, value: ({ secret }) => (secret ? "S" : "-") },
  { name: "age", width: 6, kind: "age", value: ({ time_update }) => time_update },
  { name: "value", width: 50, value: ({ value }) => value },
  { name: "source", width: 10, hidden: true, value: ({ source }) => source },
  { name: "updated", width: 20, kind: "time", hidden: true, value: ({ time_update }) => time_update },
];

export default defineCommand({
  args: ["JOB"],
  options: LIST,
  columns: columnNames(COLUMNS),
  help: "Flag S: secret, its value is told to the job alone.",
  async run(context, [job], options) {
    const values = await context.user().call("job_store_get_all", { path: { job: checkId(job, "job") } });
    const rows = Object.keys(values)
      .sort()
      .flatMap((name) => (values[name] ? [{ name, ...values[name] }] : []));
    await printList(context, COLUMNS, rows, options);
  },
});
