import { setSecret } from "../../../secret/secrets.ts";
import { defineCommand } from "../../command.ts";
import { scopeOf } from "../../scope.ts";

export default defineCommand({
  args: ["OWNER[/REPO]", "NAME"],
  options: {},
  help: [
    "The value is all of standard input but a line end at its end. It is encrypted under <data>/secret.key, given to jobs of the",
    "repository's own branches whose job files name it in `secrets`, and masked in their logs.",
  ].join("\n"),
  async run(context, [where, name = ""]) {
    const db = context.writable();
    const scope = scopeOf(db, where);
    const value = (await Bun.stdin.text()).replace(/\r?\n$/, "");
    await setSecret({ db, vault: context.vault(), world: context.world }, scope, name, value);
    if (context.json) await context.out.json({ ...scope, name });
  },
});
