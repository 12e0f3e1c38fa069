import type { SuiteRow } from "../../../check/table.ts";
import { defineCommand } from "../../command.ts";

type Row = Pick<SuiteRow, "id" | "head_sha" | "time_create">;

export default defineCommand({
  options: {},
  help: "A commit that is in two repositories has a suite in each.",
  async run(context) {
    const rows = context.db().query<Row, []>("SELECT id, head_sha, time_create FROM check_suite ORDER BY time_create").all();
    const twice = [...Map.groupBy(rows, ({ head_sha }) => head_sha)].filter(([, suites]) => suites.length > 1);
    const found = twice.map(([sha, suites]) => ({
      sha,
      spread: (suites.at(-1)?.time_create ?? 0) - (suites[0]?.time_create ?? 0),
      suites,
    }));
    const months = Map.groupBy(found, ({ suites }) => new Date(suites[0]?.time_create ?? 0).toISOString().slice(0, 7));
    if (context.json) return await context.out.json(found);
    if (found.length === 0) return await context.out.line("no commit has more than one check suite");
    for (const { sha, spread, suites } of found)
      await context.out.lines([
        `SHA ${sha} [${spread} msec spread]`,
        ...suites.map(({ id, time_create }) => `    ${new Date(time_create).toISOString()} ${id}`),
      ]);
    const spreads = found.map(({ spread }) => spread);
    await context.out.lines([
      "",
      ...[...months].sort().map(([month, list]) => `${month} ${list.length}`),
      `spread: ${Math.min(...spreads)} to ${Math.max(...spreads)} msec`,
    ]);
  },
});
