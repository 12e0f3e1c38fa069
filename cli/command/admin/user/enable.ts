import { defineCommand } from "../../../command.ts";
import { userId } from "../../../lookup.ts";

export default defineCommand({
  args: ["USER"],
  options: {},
  async run(context, [name = ""]) {
    const client = context.admin();
    await client.call("user_enable", { path: { user: await userId(client, name) } });
    if (context.json) await context.out.json({ user: name, disabled: false });
  },
});
