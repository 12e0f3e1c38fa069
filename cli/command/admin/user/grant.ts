import { defineCommand } from "../../../command.ts";
import { userId } from "../../../lookup.ts";

export default defineCommand({
  args: ["USER", "PRIVILEGE"],
  options: {},
  help: "USER is an id or a name.",
  async run(context, [user = "", privilege = ""]) {
    const client = context.admin();
    await client.call("user_privilege_grant", { path: { user: await userId(client, user), privilege } });
    if (context.json) await context.out.json({ user, privilege });
  },
});
