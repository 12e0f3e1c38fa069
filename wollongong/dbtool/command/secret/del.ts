import { UsageError } from "../../../../core/common/command/failure.ts";
import { deleteSecret } from "../../../secret/secrets.ts";
import { defineCommand } from "../../command.ts";
import { scopeOf } from "../../scope.ts";

export default defineCommand({
  args: ["OWNER[/REPO]", "NAME"],
  options: {},
  async run(context, [where = "", name = ""]) {
    const db = context.writable();
    if (!deleteSecret({ db }, scopeOf(db, where), name)) throw new UsageError(`${where} has no secret called ${name}`);
    if (context.json) await context.out.json({ deleted: name });
  },
});
