import { defineCommand } from "../../../command.ts";
import { targetId } from "../../../lookup.ts";

export default defineCommand({
  args: ["TARGET"],
  options: {},
  async run(context, [name = ""]) {
    const client = context.admin();
    await client.call("target_require_no_privilege", { path: { target: await targetId(client, name) } });
    if (context.json) await context.out.json({ target: name, privilege: null });
  },
});
