import { defineCommand } from "../../../command.ts";
import { targetId } from "../../../lookup.ts";

export default defineCommand({
  args: ["TARGET", "NEWNAME"],
  options: {
    description: { short: "d", value: "TEXT", required: true, about: "what the old name, which leads to the new one, says" },
  },
  help: "Jobs that ask for the old name get the same machines: it stays as a target that leads to the new one; its id is printed.",
  async run(context, [name = "", new_name = ""], { description }) {
    const client = context.admin();
    const path = { target: await targetId(client, name) };
    const made = await client.call("target_rename", { path, body: { new_name, signpost_description: description } });
    await (context.json ? context.out.json(made) : context.out.line(made.id));
  },
});
