import { defineCommand } from "../../../command.ts";

export default defineCommand({
  args: ["NAME"],
  options: {},
  help: "The token is shown this once.",
  async run(context, [name = ""]) {
    const made = await context.admin().call("user_create", { body: { name } });
    await (context.json ? context.out.json(made) : context.out.line(made.token));
  },
});
