import { defineCommand } from "../../../command.ts";
import { factoryId } from "../../../lookup.ts";

export default defineCommand({
  args: ["FACTORY"],
  options: { "hold-workers": { short: "h", about: "its workers are held when they are made, for a look at them" } },
  help: "FACTORY is an id or a name. Without --hold-workers, new workers are not held any more.",
  async run(context, [name = ""], options) {
    const client = context.admin();
    const hold_workers = options["hold-workers"];
    await client.call("factory_enable", { path: { factory: await factoryId(client, name) }, body: { hold_workers } });
    if (context.json) await context.out.json({ factory: name, enabled: true, hold_workers });
  },
});
