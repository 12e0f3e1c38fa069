import { defineCommand } from "../../../command.ts";
import { userId } from "../../../lookup.ts";

export default defineCommand({
  args: ["USER"],
  options: { "cancel-jobs": { about: "end the user's jobs too; otherwise they go on" } },
  help: "The user's token is refused until the user is enabled again.",
  async run(context, [name = ""], options) {
    const client = context.admin();
    const query = { cancel_jobs: options["cancel-jobs"] };
    await client.call("user_disable", { path: { user: await userId(client, name) }, query });
    if (context.json) await context.out.json({ user: name, disabled: true });
  },
});
