import { defineCommand } from "../../../command.ts";
import { targetId } from "../../../lookup.ts";

export default defineCommand({
  args: ["TARGET", "PRIVILEGE"],
  options: {},
  help: "Only users with this privilege can submit jobs for it: `admin user grant USER PRIVILEGE`.",
  async run(context, [name = "", privilege = ""]) {
    const client = context.admin();
    await client.call("target_require_privilege", { path: { target: await targetId(client, name), privilege } });
    if (context.json) await context.out.json({ target: name, privilege });
  },
});
