import { defineCommand } from "../../../command.ts";
import { factoryId } from "../../../lookup.ts";

export default defineCommand({
  args: ["FACTORY"],
  options: {},
  help: "The old token ends at once; the new one is shown this once.",
  async run(context, [name = ""]) {
    const client = context.admin();
    const made = await client.call("factory_token_rotate", { path: { factory: await factoryId(client, name) } });
    await (context.json ? context.out.json(made) : context.out.line(made.token));
  },
});
