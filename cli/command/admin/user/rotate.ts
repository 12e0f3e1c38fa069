import { defineCommand } from "../../../command.ts";
import { userId } from "../../../lookup.ts";

export default defineCommand({
  args: ["USER"],
  options: {},
  help: "The old token ends at once; the new one is shown this once.",
  async run(context, [name = ""]) {
    const client = context.admin();
    const made = await client.call("user_token_rotate", { path: { user: await userId(client, name) } });
    await (context.json ? context.out.json(made) : context.out.line(made.token));
  },
});
