import { record, suiteOf } from "../../checks.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  args: ["CHECKSUITE"],
  options: {},
  help: "CHECKSUITE is our own id.",
  run: (context, [id]) => context.out.json(record(suiteOf(context.db(), id))),
});
