import type { JobOutput } from "../../../core/client/operations.ts";
import { columnNames, LIST, printList } from "../../../core/common/command/list.ts";
import type { Column } from "../../../core/common/table.ts";
import { defineCommand } from "../../command.ts";
import { checkId } from "../../ids.ts";

const COLUMNS: Column<JobOutput>[] = [
  { name: "path", width: 68, value: ({ path }) => path },
  { name: "size", width: 10, kind: "bytes", value: ({ size }) => size },
  { name: "id", width: 26, hidden: true, value: ({ id }) => id },
  { name: "sha256", width: 64, hidden: true, value: ({ sha256 }) => sha256 },
];

export default defineCommand({
  args: ["JOB"],
  options: LIST,
  columns: columnNames(COLUMNS),
  async run(context, [job], options) {
    const outputs = await context.user().call("job_outputs_get", { path: { job: checkId(job, "job") } });
    await printList(context, COLUMNS, outputs, options);
  },
});
