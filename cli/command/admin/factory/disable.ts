import { defineCommand } from "../../../command.ts";
import { factoryId } from "../../../lookup.ts";

export default defineCommand({
  args: ["FACTORY"],
  options: {},
  help: "It gets no more jobs; those that it has go on.",
  async run(context, [name = ""]) {
    const client = context.admin();
    await client.call("factory_disable", { path: { factory: await factoryId(client, name) } });
    if (context.json) await context.out.json({ factory: name, enabled: false });
  },
});
