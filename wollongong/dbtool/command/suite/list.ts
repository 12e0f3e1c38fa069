import { columnNames, LIST, printList } from "../../../../core/common/command/list.ts";
import type { Column } from "../../../../core/common/table.ts";
import type { SuiteRow } from "../../../check/table.ts";
import { defineCommand } from "../../command.ts";

const COLUMNS: Column<SuiteRow>[] = [
  { name: "id", width: 26, value: ({ id }) => id },
  { name: "ghid", width: 10, value: ({ github_id }) => github_id },
  { name: "repo", width: 10, value: ({ repo }) => repo },
  { name: "state", width: 14, value: ({ state }) => state.charAt(0).toUpperCase() + state.slice(1) },
  { name: "ssha", width: 16, hidden: true, value: ({ head_sha }) => head_sha.slice(0, 16) },
  { name: "sha", width: 40, hidden: true, value: ({ head_sha }) => head_sha },
  { name: "branch", width: 24, hidden: true, value: ({ head_branch }) => head_branch },
  { name: "error", width: 40, hidden: true, value: ({ error }) => error },
];

export default defineCommand({
  options: LIST,
  columns: columnNames(COLUMNS),
  run: async (context, _, options) =>
    printList(context, COLUMNS, context.db().query<SuiteRow, []>("SELECT * FROM check_suite ORDER BY id").all(), options),
});
