import { defineCommand } from "../../../command.ts";
import { targetId } from "../../../lookup.ts";

export default defineCommand({
  args: ["TARGET", "TO"],
  options: {},
  help: "Jobs that ask for TARGET get the machines of TO.",
  async run(context, [name = "", to = ""]) {
    const client = context.admin();
    const redirect = await targetId(client, to);
    await client.call("target_redirect", { path: { target: await targetId(client, name) }, body: { redirect } });
    if (context.json) await context.out.json({ target: name, redirect: to });
  },
});
