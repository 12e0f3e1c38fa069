import { defineCommand } from "../../../command.ts";
import { targetId } from "../../../lookup.ts";

export default defineCommand({
  args: ["TARGET"],
  options: {},
  async run(context, [name = ""]) {
    const client = context.admin();
    await client.call("target_redirect", { path: { target: await targetId(client, name) }, body: { redirect: null } });
    if (context.json) await context.out.json({ target: name, redirect: null });
  },
});
