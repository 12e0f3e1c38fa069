import type { JobListEntry } from "../../../../core/client/operations.ts";
import { columnNames } from "../../../../core/common/command/list.ts";
import type { Column } from "../../../../core/common/table.ts";
import { defineCommand } from "../../../command.ts";
import { timeOf } from "../../../ids.ts";
import { JOB_COLUMNS, JOBS, printJobs } from "../../../jobs.ts";

const own = (names: ReadonlyMap<string, string>): Column<JobListEntry>[] => [
  ...JOB_COLUMNS,
  { name: "user", width: 30, value: ({ owner }) => names.get(owner) ?? "?MISSING" },
  { name: "target", width: 20, value: ({ target_id, target }) => names.get(target_id) ?? target },
  { name: "creation", width: 20, kind: "time", hidden: true, value: ({ id }) => timeOf(id) },
];

export default defineCommand({
  options: JOBS,
  columns: columnNames(own(new Map())),
  help: "S is C completed, F failed, X cancelled, r running, q queued, w waiting.",
  async run(context, _, options) {
    const client = context.admin();
    const [users, targets] = await Promise.all([client.call("users_list", { query: {} }), client.call("targets_list", {})]);
    const names = new Map([...users, ...targets].map(({ id, name }) => [id, name]));
    await printJobs(context, client, "admin_jobs_list", own(names), options);
  },
});
