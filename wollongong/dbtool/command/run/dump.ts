import { record, runOf } from "../../checks.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  args: ["CHECKRUN"],
  options: {},
  help: "CHECKRUN is our own id.",
  run: (context, [id]) => context.out.json(record(runOf(context.db(), id))),
});
