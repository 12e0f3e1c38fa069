import { defineCommand } from "../../../command.ts";
import { userId } from "../../../lookup.ts";

export default defineCommand({
  args: ["USER"],
  options: {},
  help: "Nobody can act as this user until the token is rotated. Jobs that were submitted go on.",
  async run(context, [name = ""]) {
    const client = context.admin();
    await client.call("user_token_revoke", { path: { user: await userId(client, name) } });
    if (context.json) await context.out.json({ user: name, revoked: true });
  },
});
