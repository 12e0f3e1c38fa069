import { defineCommand } from "../../../command.ts";

export default defineCommand({
  args: ["NAME"],
  options: { description: { short: "d", value: "TEXT", required: true, about: "what kind of machine this is" } },
  async run(context, [name = ""], { description }) {
    const made = await context.admin().call("target_create", { body: { name, desc: description } });
    await (context.json ? context.out.json(made) : context.out.line(made.id));
  },
});
